/** The door of `policy`: what policies mean, and the rules that enforce them. */
export { compileIptables, type EnforceOptions, type IptablesPolicy } from "./compile/iptables.js";
export { compileNftables } from "./compile/nftables.js";
export { type PlanInput, type PolicyPlan, type Profile, planPolicies } from "./compile/plan.js";
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
  membersOf,
  type NamedPort,
  type NodeMember,
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
export { findTies, readPolicies, type SourcedObject } from "./model/read-policies.js";
export { READINGS, type Reading, type Semantics, withReadings } from "./model/semantics.js";
