/** The door of `proxy`. */

export { type Choice, type ChoosingNode, chooseEndpoints } from "./choose/categorize.js";
export { type PortPlan, planServicePort } from "./choose/plan.js";
export {
  type CleanableEntry,
  type ConntrackFilter,
  findStaleEntries,
  matchesFilter,
  needsCleanup,
} from "./conntrack/cleanup.js";
export {
  type Endpoint,
  endpointsOnNode,
  isLocalTo,
  type PortEndpoints,
} from "./endpoints/endpoint.js";
export {
  type FamilyHealthPorts,
  type HealthPort,
  type HealthSocket,
  healthCheckAddrs,
  healthCheckSockets,
} from "./health/listen.js";
export {
  answerProxyHealth,
  type EligibleNode,
  isNodeEligible,
  type ProxyHealth,
  TO_BE_DELETED_TAINT,
} from "./health/proxy-health.js";
export {
  answerHealthCheck,
  countLocalReady,
  type HealthAnswer,
  type HealthCheckPort,
  healthCheckPorts,
  healthPorts,
  localReadyNodes,
} from "./health/service-health.js";
export {
  compileIptablesProxy,
  type IptablesProxyInput,
  type IptablesProxyRules,
} from "./iptables/compile.js";
export { probabilityText } from "./iptables/endpoint-rules.js";
export type { BuiltinRules } from "./iptables/jumps.js";
export { builtinJumps } from "./iptables/jumps.js";
export type { PortRules } from "./iptables/port-rules.js";
export { printProxyRule } from "./iptables/print-rule.js";
export {
  failIptables,
  type IptablesState,
  type IptablesSync,
  type IptablesSyncOptions,
  startIptables,
  syncIptables,
} from "./iptables/sync.js";
export {
  compileIpvsProxy,
  IPVS_DUMMY_LINK,
  type IpvsProxyInput,
  type IpvsProxyRules,
  printIpvsRestore,
} from "./ipvs/compile.js";
export {
  type IpvsOperation,
  type IpvsTransactionText,
  printIpvsOperations,
} from "./ipvs/operation.js";
export {
  type CountConnections,
  changeServers,
  expireReals,
  type ServerChange,
  type ServerOperations,
  type Terminating,
} from "./ipvs/real-servers.js";
export {
  expireIpvs,
  type IpvsState,
  type IpvsSync,
  type IpvsSyncOptions,
  ipvsRulesOf,
  startIpvs,
  syncIpvs,
} from "./ipvs/sync.js";
export { lintProxy, type ProxyFinding, printFinding } from "./lint.js";
export { type MarkPrinter, masqueradeMark, printPaddedMark } from "./mark.js";
export { dependsOnNode, hasDifferingNodes, PortMemo } from "./memo.js";
export * from "./model.js";
export { endpointChainName, serviceChainNames } from "./name/chain-names.js";
export { endpointBaseName, serviceBaseName } from "./name/nft-names.js";
export { compileNftPorts, type NftablesProxyInput } from "./nftables/compile.js";
export { compileNftablesProxy } from "./nftables/compile-table.js";
export { type NftProxyTable, nftTableOf, printNftTable } from "./nftables/dump.js";
export { hairpinsByNode } from "./nftables/hairpins.js";
export { serviceCIDRsOf } from "./nftables/setup.js";
export {
  type NftablesState,
  type NftablesSync,
  startNftables,
  syncNftables,
} from "./nftables/sync.js";
export {
  DEFAULT_RELEASE,
  PROXY_RELEASES,
  type ProxyRelease,
  type ReleaseFacts,
  releaseFacts,
} from "./release.js";
export * from "./services/object.js";
export type { ServicePort } from "./services/service-port.js";
export { trySloppyAddr } from "./services/sloppy-addr.js";
export * from "./settings.js";
