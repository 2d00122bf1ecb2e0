/** The door of `link`. */
export { Bridge, type BridgeDecision, portFlags } from "./bridge.js";
export * from "./config.js";
export { hashFlow, outerSourcePort } from "./flow-hash.js";
export { createLink, type Link, selectAddr, usesNeighbors } from "./link.js";
export { LinkTable } from "./link-table.js";
export {
  type Neighbor,
  type NeighborState,
  NeighborTable,
  NeighborTime,
  type Resolution,
  stateAt,
  type TimerResult,
} from "./neighbor-table.js";
export { VxlanDevice, type VxlanRemote } from "./vxlan.js";
