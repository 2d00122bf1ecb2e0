/** The door of `addr`: addresses, prefixes, ranges, link-layer addresses and maps over them. */
export {
  Addr,
  addrBits,
  addrFromBytes,
  type Family,
  ip4Addr,
  ip6Addr,
  unspecifiedAddr,
} from "./addr.js";
export { parseAddr, tryParseAddr } from "./addr-parse.js";
export { parseAddrSlow, type Refusal } from "./addr-parse.reference.js";
export { AddrPort, makeAddrPort, parseAddrPort, tryParseAddrPort } from "./addr-port.js";
export { LinkAddr, makeLinkAddr, parseLinkAddr, tryParseLinkAddr } from "./link-addr.js";
export { BROADCAST_MAC, Mac, macFromBytes, parseMac, tryParseMac, ZERO_MAC } from "./mac.js";
export { addOffset, addrFromBigInt, addrToBigInt, offsetBetween, tryAddOffset } from "./offset.js";
export {
  type Mask,
  makePrefix,
  maskOf,
  Prefix,
  parsePrefix,
  singlePrefix,
  tryParsePrefix,
} from "./prefix.js";
export { PrefixMap } from "./prefix-map.js";
export { PrefixMapSlow } from "./prefix-map.reference.js";
export { PrefixSet } from "./prefix-set.js";
export type { PrefixEntry } from "./prefix-trie.js";
export { makeRange, parseRange, prefixRange, Range, tryParseRange } from "./range.js";
export {
  isLimitedBroadcast,
  isLinkLocal,
  isLoopback,
  isMapped,
  isMulticast,
  isUnspecified,
  linkLocalAddr,
  multicastMac,
  solicitedNodeAddr,
  unmapAddr,
} from "./special.js";
