/** The door of `wire`: packets and frames, made, measured, printed, encoded and decoded. */
export * from "./build.js";
export * from "./build-icmp.js";
export { internetChecksum } from "./bytes/checksum.js";
export { VXLAN_PORTS } from "./bytes/constants.js";
export { type DecodeOptions, decodeFrame, decodePacket } from "./bytes/decode-packet.js";
export { encodeFrame, encodePacket } from "./bytes/encode-packet.js";
export { icmpName } from "./icmp-name.js";
export {
  AdvertFlag,
  Icmp4Type,
  Icmp4Unreachable,
  Icmp6Type,
  Icmp6Unreachable,
  isIcmpError,
} from "./icmp-type.js";
export {
  frameLength,
  headerLength,
  IP4_HEADER_BYTES,
  IP6_HEADER_BYTES,
  packetLength,
  payloadLength,
  segmentLength,
  transportLength,
} from "./length.js";
export * from "./packet.js";
export { type CapturedFrame, encodePcap } from "./pcap.js";
export { encodePcapng, type NamedFrame } from "./pcapng.js";
export { printEnd, printEnds, printFrame, printPacket, printTcpFlags } from "./print.js";
export {
  IpProtocol,
  packetProtocol,
  protocolName,
  protocolNumber,
  transportProtocol,
} from "./protocol.js";
