/** The door of `netns`. */
export { type CommandOutcome, runIpCommand } from "./change/ip-command.js";
export * from "./config.js";
export { DUMPED_SYSCTLS, printCollectScript } from "./dump/collect.js";
export { type DumpContext, parseNetnsDump } from "./dump/dump.js";
export {
  DUMP_FILES,
  type DumpFile,
  type DumpFolder,
  parseDumpFolder,
  tryParseDumpFolder,
} from "./dump/folder.js";
export type { NetnsDump } from "./dump/netns-dump.js";
export { Netns, type NetnsOptions, type Service } from "./netns.js";
export { portLimit } from "./path/transmit.js";
export { printBridgeBatch } from "./print/bridge-batch.js";
export {
  type BatchOptions,
  printIp6RuleBatch,
  printIpBatch,
  printLinkCommands,
} from "./print/ip-batch.js";
export type { ShownText } from "./print/ip-command.js";
export { type IpJson, printIpJson } from "./print/ip-json.js";
export { RENDERED, type RenderedText, renderNetns } from "./print/render.js";
export { showCommand } from "./print/shell.js";
export { showBridgeLinks, showFdb } from "./print/show-bridge.js";
export {
  type LinkSurroundings,
  showAddresses,
  showBrief,
  showLinks,
  showNeighbors,
} from "./print/show-link.js";
export { type RouteFilter, showRoute, showRoutes } from "./print/show-route.js";
export { showRule, showRules } from "./print/show-rule.js";
export { printSysctls } from "./print/sysctl-conf.js";
export type { EchoReply, PingHandlers, PingOptions } from "./socket/ping.js";
export type {
  IcmpReport,
  RouteQuery,
  RouteResult,
  SocketAddr,
  SocketOptions,
} from "./socket/socket.js";
export type { ConnectResult, TcpConnectOptions, TcpListener } from "./socket/tcp.js";
export { TcpConnection, type TcpHandlers, type TcpState } from "./socket/tcp-connection.js";
export {
  type ReceivedDatagram,
  type UdpConnectOptions,
  type UdpConnectResult,
  type UdpHandlers,
  type UdpOptions,
  type UdpSend,
  UdpSocket,
} from "./socket/udp.js";
export type { Stack } from "./stack.js";
export type { Draft, Journey, World } from "./transit.js";
