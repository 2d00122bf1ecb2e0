/**
 * The policy kinds of the network-policy API: AdminNetworkPolicy and BaselineAdminNetworkPolicy
 * (v1alpha1), ClusterNetworkPolicy (v1alpha2). What is declared here is what the custom resource
 * definitions say, no more: a server takes any protocol and any label selector of the right types.
 *
 * Follows: network-policy-api config/crd/experimental, v0.1.8 for v1alpha1 and v0.2 for v1alpha2.
 */
import { isMapped, tryParseAddr, tryParsePrefix } from "../../../addr/index.js";
import {
  choice,
  type Infer,
  int32,
  list,
  map,
  oneOf,
  ptr,
  req,
  ruled,
  type StructShape,
  str,
  struct,
  text,
  val,
} from "../../shape/shape.js";
import { condition, type ObjectMeta, objectMeta } from "../meta.js";
import { object } from "../object.js";

const ANY_PORT = [1, 65535] as const;
const PRIORITY = [0, 1000] as const;
const RULE_NAME = text({ maxLength: 100 });

const DOMAIN_NAME =
  /^(\*\.)?([a-zA-z0-9]([-a-zA-Z0-9_]*[a-zA-Z0-9])?\.)+[a-zA-z0-9]([-a-zA-Z0-9_]*[a-zA-Z0-9])?\.?$/;

/** Follows: apiserver v0.35 pkg/cel/library/cidr.go `isCIDR`. */
function isCidr(value: string): boolean {
  const addr = tryParseAddr(value.replace(/\/.*$/s, ""));
  return tryParsePrefix(value) !== undefined && addr !== undefined && !isMapped(addr);
}

const network = text({
  maxLength: 43,
  rules: [{ message: "Invalid CIDR format provided", holds: isCidr }],
});
const networks = ptr(list(network), { items: [1, 25], isSet: true });
const domainNames = ptr(list(text({ pattern: DOMAIN_NAME })), { items: [1, 25], isSet: true });

/** A label selector as definitions write it: its types are checked, its labels are not. */
export const policySelector = struct("PolicySelector", {
  matchExpressions: ptr(
    list(
      struct("PolicySelectorRequirement", {
        key: req(str),
        operator: req(str),
        values: ptr(list(str)),
      }),
    ),
  ),
  matchLabels: ptr(map(str)),
});
/** PolicySelector: a LabelSelector of which nobody has made sure that it means something. */
export interface PolicySelector extends Infer<typeof policySelector> {}

/** The parts of egress rules that may not meet. */
interface EgressParts {
  readonly to: readonly {
    readonly networks?: unknown;
    readonly nodes?: unknown;
    readonly domainNames?: unknown;
  }[];
  readonly ports?: readonly { readonly namedPort?: unknown }[] | undefined;
  readonly protocols?: readonly { readonly destinationNamedPort?: unknown }[] | undefined;
}

function noNamedPorts(peers: string) {
  const message = `${peers} peer cannot be set with namedPorts since there are no namedPorts for ${peers}`;
  const holds = ({ to, ports, protocols }: EgressParts): boolean => {
    const isOutside = to.some(
      ({ networks, nodes, domainNames }) => (networks ?? nodes ?? domainNames) !== undefined,
    );
    const isNamed =
      ports?.some((p) => p.namedPort !== undefined) === true ||
      protocols?.some((p) => p.destinationNamedPort !== undefined) === true;
    return !(isOutside && isNamed);
  };
  return { message, holds };
}

export const namespacedPod = struct("NamespacedPod", {
  namespaceSelector: ptr(policySelector),
  podSelector: req(policySelector),
});
/** NamespacedPod, as its definition names its fields. */
export interface NamespacedPod extends Infer<typeof namespacedPod> {}

/** The v1alpha1 form: both selectors must be there. */
const adminPod = struct("NamespacedPod", {
  namespaceSelector: req(policySelector),
  podSelector: req(policySelector),
});

/** Pods by their namespaces, or by their own labels; `pods` is the form of one version. */
function podsBy<T>(pods: StructShape<T>) {
  return { namespaces: ptr(policySelector), pods: ptr(pods) };
}

export const policySubject = choice("PolicySubject", podsBy(namespacedPod));
const adminSubject = choice("PolicySubject", podsBy(adminPod));
/** PolicySubject, as its definition names its fields. */
export interface PolicySubject extends Infer<typeof policySubject> {}

export const policyIngressPeer = choice("PolicyIngressPeer", podsBy(namespacedPod));
const adminIngressPeer = choice("PolicyIngressPeer", podsBy(adminPod));
/** PolicyIngressPeer, as its definition names its fields. */
export interface PolicyIngressPeer extends Infer<typeof policyIngressPeer> {}

const outside = { nodes: ptr(policySelector), networks, domainNames };

export const policyEgressPeer = choice("PolicyEgressPeer", {
  ...podsBy(namespacedPod),
  ...outside,
});
const adminEgressPeer = choice("PolicyEgressPeer", { ...podsBy(adminPod), ...outside });
/** PolicyEgressPeer, as its definition names its fields. */
export interface PolicyEgressPeer extends Infer<typeof policyEgressPeer> {}

export const baselineEgressPeer = choice("BaselineEgressPeer", {
  ...podsBy(adminPod),
  nodes: ptr(policySelector),
  networks,
});
/** BaselineEgressPeer, as its definition names its fields. */
export interface BaselineEgressPeer extends Infer<typeof baselineEgressPeer> {}

export const adminPortNumber = struct("AdminPortNumber", {
  protocol: req(str, { default: "TCP" }),
  port: req(int32, { range: ANY_PORT }),
});
/** AdminPortNumber, as its definition names its fields. */
export interface AdminPortNumber extends Infer<typeof adminPortNumber> {}

export const adminPortRange = struct("AdminPortRange", {
  protocol: ptr(str, { default: "TCP" }),
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
  name: ptr(RULE_NAME),
  action: req(adminAction),
  from: req(list(adminIngressPeer), { items: [1, 100] }),
  ports: ptr(list(adminPort), { items: [1, 100] }),
});
/** AdminIngressRule, as its definition names its fields. */
export interface AdminIngressRule extends Infer<typeof adminIngressRule> {}

export const adminEgressRule = ruled(
  "AdminEgressRule",
  {
    name: ptr(RULE_NAME),
    action: req(adminAction),
    to: req(list(adminEgressPeer), { items: [1, 100] }),
    ports: ptr(list(adminPort), { items: [1, 100] }),
  },
  noNamedPorts("networks/nodes/domainNames"),
);
/** AdminEgressRule, as its definition names its fields. */
export interface AdminEgressRule extends Infer<typeof adminEgressRule> {}

export const baselineIngressRule = struct("BaselineIngressRule", {
  name: ptr(RULE_NAME),
  action: req(baselineAction),
  from: req(list(adminIngressPeer), { items: [1, 100] }),
  ports: ptr(list(adminPort), { items: [1, 100] }),
});
/** BaselineIngressRule, as its definition names its fields. */
export interface BaselineIngressRule extends Infer<typeof baselineIngressRule> {}

export const baselineEgressRule = ruled(
  "BaselineEgressRule",
  {
    name: ptr(RULE_NAME),
    action: req(baselineAction),
    to: req(list(baselineEgressPeer), { items: [1, 100] }),
    ports: ptr(list(adminPort), { items: [1, 100] }),
  },
  noNamedPorts("networks/nodes"),
);
/** BaselineEgressRule, as its definition names its fields. */
export interface BaselineEgressRule extends Infer<typeof baselineEgressRule> {}

export const policyStatus = struct("PolicyStatus", {
  conditions: req(list(condition)),
});
/** PolicyStatus, as its definition names its fields. */
export interface PolicyStatus extends Infer<typeof policyStatus> {}

export const adminNetworkPolicySpec = struct("AdminNetworkPolicySpec", {
  priority: req(int32, { range: PRIORITY }),
  subject: req(adminSubject),
  ingress: ptr(list(adminIngressRule), { items: [0, 100] }),
  egress: ptr(list(adminEgressRule), { items: [0, 100] }),
});
/** AdminNetworkPolicySpec, as its definition names its fields. */
export interface AdminNetworkPolicySpec extends Infer<typeof adminNetworkPolicySpec> {}

export const baselineAdminNetworkPolicySpec = struct("BaselineAdminNetworkPolicySpec", {
  subject: req(adminSubject),
  ingress: ptr(list(baselineIngressRule), { items: [0, 100] }),
  egress: ptr(list(baselineEgressRule), { items: [0, 100] }),
});
/** BaselineAdminNetworkPolicySpec, as its definition names its fields. */
export interface BaselineAdminNetworkPolicySpec
  extends Infer<typeof baselineAdminNetworkPolicySpec> {}

export const clusterPortRange = ruled(
  "ClusterPortRange",
  {
    start: req(int32, { range: ANY_PORT }),
    end: req(int32, { range: ANY_PORT }),
  },
  { message: "Start port must be less than End port", holds: ({ start, end }) => start < end },
);
/** ClusterPortRange, as its definition names its fields. */
export interface ClusterPortRange extends Infer<typeof clusterPortRange> {}

export const clusterPort = choice("ClusterPort", {
  number: ptr(int32, { range: ANY_PORT }),
  range: ptr(clusterPortRange),
});
/** ClusterPort, as its definition names its fields. */
export interface ClusterPort extends Infer<typeof clusterPort> {}

export const clusterTransport = {
  ...struct("ClusterTransport", {
    destinationPort: ptr(clusterPort),
  }),
  fieldCount: [1, Number.POSITIVE_INFINITY] as const,
};
/** ClusterTransport, as its definition names its fields. */
export interface ClusterTransport extends Infer<typeof clusterTransport> {}

export const clusterProtocol = choice("ClusterProtocol", {
  tcp: ptr(clusterTransport),
  udp: ptr(clusterTransport),
  sctp: ptr(clusterTransport),
  destinationNamedPort: ptr(str),
});
/** ClusterProtocol, as its definition names its fields. */
export interface ClusterProtocol extends Infer<typeof clusterProtocol> {}

export const clusterIngressRule = struct("ClusterIngressRule", {
  name: ptr(RULE_NAME),
  action: req(clusterAction),
  from: req(list(policyIngressPeer), { items: [1, 25] }),
  protocols: ptr(list(clusterProtocol), { items: [1, 25] }),
});
/** ClusterIngressRule, as its definition names its fields. */
export interface ClusterIngressRule extends Infer<typeof clusterIngressRule> {}

export const clusterEgressRule = ruled(
  "ClusterEgressRule",
  {
    name: ptr(RULE_NAME),
    action: req(clusterAction),
    to: req(list(policyEgressPeer), { items: [1, 25] }),
    protocols: ptr(list(clusterProtocol), { items: [1, 25] }),
  },
  noNamedPorts("networks/nodes/domainNames"),
);
/** ClusterEgressRule, as its definition names its fields. */
export interface ClusterEgressRule extends Infer<typeof clusterEgressRule> {}

export const clusterNetworkPolicySpec = struct("ClusterNetworkPolicySpec", {
  tier: req(oneOf("Tier", "Admin", "Baseline")),
  priority: req(int32, { range: PRIORITY }),
  subject: req(policySubject),
  ingress: ptr(list(clusterIngressRule), { items: [0, 25] }),
  egress: ptr(list(clusterEgressRule), { items: [0, 25] }),
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
export const baselineAdminNetworkPolicy = {
  ...object("policy.networking.k8s.io/v1alpha1", "BaselineAdminNetworkPolicy", {
    metadata: req(objectMeta),
    spec: req(baselineAdminNetworkPolicySpec),
    status: val(policyStatus),
  }),
  rules: [
    {
      message:
        'Only one baseline admin network policy with metadata.name="default" can be created in the cluster',
      holds: ({ metadata }: { readonly metadata: ObjectMeta }) => metadata.name === "default",
    },
  ],
};
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
