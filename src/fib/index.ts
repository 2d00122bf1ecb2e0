/** The door of `fib`: routes, policy rules and the look-up over them. */
export * from "./config.js";
export {
  Fib,
  type FibAddress,
  type FibLink,
  type FibState,
  type OwnAddress,
  openFib,
} from "./fib.js";
export {
  type Flow,
  type FoundRoute,
  isPath,
  type LookupAnswer,
  type NoPath,
  type Path,
  type PathAnswer,
  type RouteErrno,
} from "./flow.js";
export {
  type AddressedLink,
  type KernelRouteOptions,
  makeKernelRoutes,
  type SetAddress,
} from "./kernel-routes.js";
export { lookup } from "./lookup.js";
export { lookupSlow } from "./lookup.reference.js";
export { chooseHop, type HopRules, hashFlow } from "./next-hop.js";
export { type InputFlow, routeInput } from "./path/input.js";
export { isLocalAddr4, lookupPath6, routeOutput } from "./path/output.js";
export { type SourceCheck, type SourceVerdict, validateSource4 } from "./path/validate-source.js";
export { type RouteNode, RouteTable } from "./route-table.js";
export { matchesRule } from "./rule-match.js";
export { primaries4, type ScopeName, selectAddr4, sourceOfRoute4 } from "./source/inet-select.js";
export { addressesInKernelOrder, scopeOf6, selectAddr6, sourceOfRoute6 } from "./source/rfc6724.js";
export { FibSysctls } from "./sysctl.js";
