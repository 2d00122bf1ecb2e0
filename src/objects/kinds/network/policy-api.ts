/**
 * The policy kinds of the network-policy API: AdminNetworkPolicy and BaselineAdminNetworkPolicy
 * (v1alpha1), ClusterNetworkPolicy (v1alpha2). Limits and exactly-one-of rules are those of the
 * custom resource definitions.
 */

import {
  choice,
  type Infer,
  int32,
  list,
  oneOf,
  opt,
  ptr,
  req,
  str,
  struct,
  val,
} from "../../shape/shape.js";
import { protocol } from "../enums.js";
import { condition, labelSelector, objectMeta } from "../meta.js";
import { object } from "../object.js";

const ANY_PORT = [1, 65535] as const;
const PRIORITY = [0, 1000] as const;

export const namespacedPod = struct("NamespacedPod", {
  namespaceSelector: req(labelSelector, { check: "selector" }),
  podSelector: req(labelSelector, { check: "selector" }),
});
/** NamespacedPod, as its definition names its fields. */
export interface NamespacedPod extends Infer<typeof namespacedPod> {}

export const policySubject = choice("PolicySubject", {
  namespaces: ptr(labelSelector, { check: "selector" }),
  pods: ptr(namespacedPod),
});
/** PolicySubject, as its definition names its fields. */
export interface PolicySubject extends Infer<typeof policySubject> {}

export const policyIngressPeer = choice("PolicyIngressPeer", {
  namespaces: ptr(labelSelector, { check: "selector" }),
  pods: ptr(namespacedPod),
});
/** PolicyIngressPeer, as its definition names its fields. */
export interface PolicyIngressPeer extends Infer<typeof policyIngressPeer> {}

export const policyEgressPeer = choice("PolicyEgressPeer", {
  namespaces: ptr(labelSelector, { check: "selector" }),
  pods: ptr(namespacedPod),
  nodes: ptr(labelSelector, { check: "selector" }),
  networks: opt(list(str), { items: [1, 25], check: "crd-cidr" }),
  domainNames: opt(list(str), { items: [1, 25], check: "domain-name" }),
});
/** PolicyEgressPeer, as its definition names its fields. */
export interface PolicyEgressPeer extends Infer<typeof policyEgressPeer> {}

export const baselineEgressPeer = choice("BaselineEgressPeer", {
  namespaces: ptr(labelSelector, { check: "selector" }),
  pods: ptr(namespacedPod),
  nodes: ptr(labelSelector, { check: "selector" }),
  networks: opt(list(str), { items: [1, 25], check: "crd-cidr" }),
});
/** BaselineEgressPeer, as its definition names its fields. */
export interface BaselineEgressPeer extends Infer<typeof baselineEgressPeer> {}

export const adminPortNumber = struct("AdminPortNumber", {
  protocol: opt(protocol, { default: "TCP" }),
  port: req(int32, { range: ANY_PORT }),
});
/** AdminPortNumber, as its definition names its fields. */
export interface AdminPortNumber extends Infer<typeof adminPortNumber> {}

export const adminPortRange = struct("AdminPortRange", {
  protocol: opt(protocol, { default: "TCP" }),
  start: req(int32, { range: ANY_PORT }),
  end: req(int32, { range: ANY_PORT }),
});
/** AdminPortRange, as its definition names its fields. */
export interface AdminPortRange extends Infer<typeof adminPortRange> {}

export const adminPort = choice("AdminPort", {
  portNumber: ptr(adminPortNumber),
  namedPort: ptr(str),
  portRange: ptr(adminPortRange),
});
/** AdminPort, as its definition names its fields. */
export interface AdminPort extends Infer<typeof adminPort> {}

const adminAction = oneOf("AdminNetworkPolicyRuleAction", "Allow", "Deny", "Pass");
const baselineAction = oneOf("BaselineAdminNetworkPolicyRuleAction", "Allow", "Deny");
const clusterAction = oneOf("ClusterNetworkPolicyRuleAction", "Accept", "Deny", "Pass");

export const adminIngressRule = struct("AdminIngressRule", {
  name: opt(str, { maxLength: 100 }),
  action: req(adminAction),
  from: req(list(policyIngressPeer), { items: [1, 100] }),
  ports: ptr(list(adminPort), { items: [1, 100] }),
});
/** AdminIngressRule, as its definition names its fields. */
export interface AdminIngressRule extends Infer<typeof adminIngressRule> {}

export const adminEgressRule = struct("AdminEgressRule", {
  name: opt(str, { maxLength: 100 }),
  action: req(adminAction),
  to: req(list(policyEgressPeer), { items: [1, 100] }),
  ports: ptr(list(adminPort), { items: [1, 100] }),
});
/** AdminEgressRule, as its definition names its fields. */
export interface AdminEgressRule extends Infer<typeof adminEgressRule> {}

export const baselineIngressRule = struct("BaselineIngressRule", {
  name: opt(str, { maxLength: 100 }),
  action: req(baselineAction),
  from: req(list(policyIngressPeer), { items: [1, 100] }),
  ports: ptr(list(adminPort), { items: [1, 100] }),
});
/** BaselineIngressRule, as its definition names its fields. */
export interface BaselineIngressRule extends Infer<typeof baselineIngressRule> {}

export const baselineEgressRule = struct("BaselineEgressRule", {
  name: opt(str, { maxLength: 100 }),
  action: req(baselineAction),
  to: req(list(baselineEgressPeer), { items: [1, 100] }),
  ports: ptr(list(adminPort), { items: [1, 100] }),
});
/** BaselineEgressRule, as its definition names its fields. */
export interface BaselineEgressRule extends Infer<typeof baselineEgressRule> {}

export const policyStatus = struct("PolicyStatus", {
  conditions: req(list(condition)),
});
/** PolicyStatus, as its definition names its fields. */
export interface PolicyStatus extends Infer<typeof policyStatus> {}

export const adminNetworkPolicySpec = struct("AdminNetworkPolicySpec", {
  priority: req(int32, { range: PRIORITY }),
  subject: req(policySubject),
  ingress: opt(list(adminIngressRule), { items: [0, 100] }),
  egress: opt(list(adminEgressRule), { items: [0, 100] }),
});
/** AdminNetworkPolicySpec, as its definition names its fields. */
export interface AdminNetworkPolicySpec extends Infer<typeof adminNetworkPolicySpec> {}

export const baselineAdminNetworkPolicySpec = struct("BaselineAdminNetworkPolicySpec", {
  subject: req(policySubject),
  ingress: opt(list(baselineIngressRule), { items: [0, 100] }),
  egress: opt(list(baselineEgressRule), { items: [0, 100] }),
});
/** BaselineAdminNetworkPolicySpec, as its definition names its fields. */
export interface BaselineAdminNetworkPolicySpec
  extends Infer<typeof baselineAdminNetworkPolicySpec> {}

export const clusterPortRange = struct("ClusterPortRange", {
  start: req(int32, { range: ANY_PORT }),
  end: req(int32, { range: ANY_PORT }),
});
/** ClusterPortRange, as its definition names its fields. */
export interface ClusterPortRange extends Infer<typeof clusterPortRange> {}

export const clusterPort = choice("ClusterPort", {
  number: opt(int32, { range: ANY_PORT }),
  range: ptr(clusterPortRange),
});
/** ClusterPort, as its definition names its fields. */
export interface ClusterPort extends Infer<typeof clusterPort> {}

export const clusterTransport = struct("ClusterTransport", {
  destinationPort: ptr(clusterPort),
});
/** ClusterTransport, as its definition names its fields. */
export interface ClusterTransport extends Infer<typeof clusterTransport> {}

export const clusterProtocol = choice("ClusterProtocol", {
  tcp: ptr(clusterTransport),
  udp: ptr(clusterTransport),
  sctp: ptr(clusterTransport),
  destinationNamedPort: opt(str),
});
/** ClusterProtocol, as its definition names its fields. */
export interface ClusterProtocol extends Infer<typeof clusterProtocol> {}

export const clusterIngressRule = struct("ClusterIngressRule", {
  name: opt(str, { maxLength: 100 }),
  action: req(clusterAction),
  from: req(list(policyIngressPeer), { items: [1, 25] }),
  protocols: opt(list(clusterProtocol), { items: [1, 25] }),
});
/** ClusterIngressRule, as its definition names its fields. */
export interface ClusterIngressRule extends Infer<typeof clusterIngressRule> {}

export const clusterEgressRule = struct("ClusterEgressRule", {
  name: opt(str, { maxLength: 100 }),
  action: req(clusterAction),
  to: req(list(policyEgressPeer), { items: [1, 25] }),
  protocols: opt(list(clusterProtocol), { items: [1, 25] }),
});
/** ClusterEgressRule, as its definition names its fields. */
export interface ClusterEgressRule extends Infer<typeof clusterEgressRule> {}

export const clusterNetworkPolicySpec = struct("ClusterNetworkPolicySpec", {
  tier: req(oneOf("Tier", "Admin", "Baseline")),
  priority: req(int32, { range: PRIORITY }),
  subject: req(policySubject),
  ingress: opt(list(clusterIngressRule), { items: [0, 25] }),
  egress: opt(list(clusterEgressRule), { items: [0, 25] }),
});
/** ClusterNetworkPolicySpec, as its definition names its fields. */
export interface ClusterNetworkPolicySpec extends Infer<typeof clusterNetworkPolicySpec> {}

/** The shape of AdminNetworkPolicy. */
export const adminNetworkPolicy = object(
  "policy.networking.k8s.io/v1alpha1",
  "AdminNetworkPolicy",
  {
    metadata: req(objectMeta),
    spec: req(adminNetworkPolicySpec),
    status: val(policyStatus),
  },
);
/** AdminNetworkPolicy, as its definition names its fields. */
export interface AdminNetworkPolicy extends Infer<typeof adminNetworkPolicy> {}

/** The shape of BaselineAdminNetworkPolicy. */
export const baselineAdminNetworkPolicy = object(
  "policy.networking.k8s.io/v1alpha1",
  "BaselineAdminNetworkPolicy",
  {
    metadata: req(objectMeta),
    spec: req(baselineAdminNetworkPolicySpec),
    status: val(policyStatus),
  },
);
/** BaselineAdminNetworkPolicy, as its definition names its fields. */
export interface BaselineAdminNetworkPolicy extends Infer<typeof baselineAdminNetworkPolicy> {}

/** The shape of ClusterNetworkPolicy. */
export const clusterNetworkPolicy = object(
  "policy.networking.k8s.io/v1alpha2",
  "ClusterNetworkPolicy",
  {
    metadata: req(objectMeta),
    spec: req(clusterNetworkPolicySpec),
    status: val(policyStatus),
  },
);
/** ClusterNetworkPolicy, as its definition names its fields. */
export interface ClusterNetworkPolicy extends Infer<typeof clusterNetworkPolicy> {}
