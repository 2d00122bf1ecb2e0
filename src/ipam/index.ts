/** The door of `ipam`: the allocators of a cluster as pure state machines. */

export type { Band } from "./band.js";
export {
  allocateCidr,
  blockAt,
  blocksOf,
  type CidrSet,
  createCidrSet,
  occupyCidr,
  releaseCidr,
} from "./cidr-set.js";
export {
  type AddOutcome,
  type Assigned,
  addLease,
  type Candidate,
  candidates,
  checkLease,
  type DelOutcome,
  deleteLease,
} from "./host-local/allocate.js";
export {
  type HostLocalConfig,
  type IpamSection,
  type NetworkConfig,
  type RouteText,
  readConfig,
} from "./host-local/config.js";
export {
  applyEffects,
  type Effect,
  type Holder,
  type Leases,
  NO_LEASES,
  pointerFile,
} from "./host-local/leases.js";
export { callHostLocal, type PluginAnswer, type PluginCall } from "./host-local/plugin.js";
export {
  type AddrRange,
  canonicalRange,
  canonicalRangeSet,
  overlaps,
  printRange,
  printRangeSet,
  type RangeSet,
  type RangeText,
  rangeContains,
  rangeFor,
} from "./host-local/range.js";
export { parseResolvConf, type ResultDns } from "./host-local/resolv-conf.js";
export {
  createNodePorts,
  DEFAULT_NODE_PORTS,
  freeNodePorts,
  hasNodePort,
  type NodePorts,
  releaseNodePort,
  staticPortBandSize,
  takeAnyNodePort,
  takeNodePort,
} from "./node-port.js";
export type { NumberSet } from "./number-set.js";
export {
  createServiceAddrs,
  freeServiceAddrs,
  hasServiceAddr,
  releaseServiceAddr,
  type ServiceAddrs,
  staticBandSize,
  takeAnyServiceAddr,
  takeServiceAddr,
  usableCount,
} from "./service-addr.js";
