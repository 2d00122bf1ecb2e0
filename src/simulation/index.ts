/** The door of `simulation`. */
export { ClusterDns, type ClusterDnsOptions } from "./dns/cluster-dns.js";
export type { DnsObjects } from "./dns/cluster-names.js";
export {
  type DnsAnswer,
  type DnsQuestion,
  type DnsRecord,
  printRecord,
  type Rcode,
  type RecordType,
} from "./dns/record.js";
export { addrOfReverseName, reverseNameOf } from "./dns/reverse-name.js";
export type { PolicyQuestion } from "./policies/ends.js";
export {
  explainPolicies,
  type FlowExplanation,
  judgeOf,
  type PolicyExplanation,
  type RulesVerdict,
} from "./policies/explain.js";
export type { CommandResult } from "./process/process.js";
export { printResolvConf, resolverOf } from "./resolv-conf.js";
export {
  type ExecResult,
  type HostHandle,
  Simulation,
  type SimulationOptions,
  startSimulation,
} from "./simulation.js";
export { Story } from "./story.js";
