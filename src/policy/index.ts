/** The door of `policy`: what policies mean, and the rules that enforce them. */
export type { EnforceOptions, EnforcePlace } from "./compile/enforce.js";
export {
  compileIptables,
  IptablesCompiler,
  type IptablesPolicy,
} from "./compile/iptables/iptables.js";
export { compileNftables, NftablesCompiler } from "./compile/nftables/nftables.js";
export {
  type AddressSet,
  type FamilySets,
  makeElement,
  type SetElement,
} from "./compile/plan/address-set.js";
export { type PlanInput, planPolicies } from "./compile/plan/plan.js";
export {
  type LocalProfile,
  type PolicyChange,
  type PolicyEndpoint,
  PolicyIndex,
  type PolicyIndexOptions,
  type PolicyPlan,
} from "./compile/plan/policy-index.js";
export type { Profile } from "./compile/plan/profile.js";
export { matchesDomain, type ResolvedNames } from "./compile/plan/set-book.js";
export type { SetSpec } from "./compile/plan/set-spec.js";
export type { Focus, ListedEnd } from "./connections/focus.js";
export {
  type Connection,
  type ListInput,
  listConnections,
  printConnection,
  printEnd,
} from "./connections/list.js";
export { type Notice, type NoticeCode, noticesOf } from "./connections/notices.js";
export { isEveryPort, type PortList, type ProtocolPorts, printPorts } from "./connections/ports.js";
export { type Workload, workloadsOf } from "./connections/workloads.js";
export type { End, ResolveDomain } from "./judge/bound-rule.js";
export { type EndFlow, type Flow, Judge, type JudgeOptions } from "./judge/judge.js";
export { type FlowVerdict, printSide, type Reason, type SideVerdict } from "./judge/verdict.js";
export { type AddrTest, AddrTests, type Block } from "./matrix/addr-tests.js";
export { type MatrixInput, PolicyMatrix } from "./matrix/matrix.js";
export type { ClassId, MemberClasses } from "./matrix/member-classes.js";
export { PointSet } from "./matrix/point-set.js";
export { PortSpace } from "./matrix/port-space.js";
export {
  type Member,
  type MemberObjects,
  type MemberOptions,
  memberOf,
  membersOf,
  type NamedPort,
  type NodeMember,
  namespaceLabelsOf,
  nodeMembersOf,
} from "./model/members.js";
export {
  type Action,
  type Direction,
  type Peer,
  type PodGroup,
  type Policy,
  type PortRange,
  policyProtocol,
  type Rule,
  type Tier,
} from "./model/policy.js";
export {
  comparePolicies,
  findTies,
  readPolicies,
  type SourcedObject,
} from "./model/read-policies.js";
export { READINGS, type Reading, type Semantics, withReadings } from "./model/semantics.js";
