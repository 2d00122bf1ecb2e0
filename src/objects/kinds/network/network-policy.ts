/** NetworkPolicies. Field names are those of Kubernetes v1.35.4. */

import {
  type Infer,
  int32,
  intOrString,
  list,
  opt,
  ptr,
  req,
  str,
  struct,
} from "../../shape/shape.js";
import { policyType, protocol } from "../enums.js";
import { labelSelector, objectMeta } from "../meta.js";
import { object } from "../object.js";

export const ipBlock = struct("IPBlock", {
  cidr: req(str),
  except: opt(list(str)),
});

/** IPBlock, as Kubernetes names its fields. */
export interface IPBlock extends Infer<typeof ipBlock> {}

export const networkPolicyPort = struct("NetworkPolicyPort", {
  protocol: ptr(protocol, { default: "TCP" }),
  port: ptr(intOrString),
  endPort: ptr(int32),
});

/** NetworkPolicyPort, as Kubernetes names its fields. */
export interface NetworkPolicyPort extends Infer<typeof networkPolicyPort> {}

export const networkPolicyPeer = struct("NetworkPolicyPeer", {
  podSelector: ptr(labelSelector),
  namespaceSelector: ptr(labelSelector),
  ipBlock: ptr(ipBlock),
});

/** NetworkPolicyPeer, as Kubernetes names its fields. */
export interface NetworkPolicyPeer extends Infer<typeof networkPolicyPeer> {}

export const networkPolicyIngressRule = struct("NetworkPolicyIngressRule", {
  ports: opt(list(networkPolicyPort)),
  from: opt(list(networkPolicyPeer)),
});

/** NetworkPolicyIngressRule, as Kubernetes names its fields. */
export interface NetworkPolicyIngressRule extends Infer<typeof networkPolicyIngressRule> {}

export const networkPolicyEgressRule = struct("NetworkPolicyEgressRule", {
  ports: opt(list(networkPolicyPort)),
  to: opt(list(networkPolicyPeer)),
});

/** NetworkPolicyEgressRule, as Kubernetes names its fields. */
export interface NetworkPolicyEgressRule extends Infer<typeof networkPolicyEgressRule> {}

export const networkPolicySpec = struct("NetworkPolicySpec", {
  podSelector: req(labelSelector),
  ingress: opt(list(networkPolicyIngressRule)),
  egress: opt(list(networkPolicyEgressRule)),
  policyTypes: opt(list(policyType)),
});

/** NetworkPolicySpec, as Kubernetes names its fields. */
export interface NetworkPolicySpec extends Infer<typeof networkPolicySpec> {}

/** The shape of NetworkPolicy. */
export const networkPolicy = object("networking.k8s.io/v1", "NetworkPolicy", {
  metadata: req(objectMeta),
  spec: req(networkPolicySpec),
});

/** NetworkPolicy, as Kubernetes names its fields. */
export interface NetworkPolicy extends Infer<typeof networkPolicy> {}
