/** The door of `netns`. */
export * from "./config.js";
export { type DumpContext, type NetnsDump, parseNetnsDump } from "./dump/dump.js";
export { Netns, type NetnsOptions, type Service } from "./netns.js";
export type { EchoReply, PingHandlers, PingOptions } from "./socket/ping.js";
export type { IcmpReport, SocketAddr, SocketOptions } from "./socket/socket.js";
export type { ConnectResult, TcpConnectOptions, TcpListener } from "./socket/tcp.js";
export { TcpConnection, type TcpHandlers, type TcpState } from "./socket/tcp-connection.js";
export {
  type ReceivedDatagram,
  type UdpHandlers,
  type UdpOptions,
  type UdpSend,
  UdpSocket,
} from "./socket/udp.js";
export type { Draft, Journey, Stack, World } from "./stack.js";
