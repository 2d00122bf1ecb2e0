/** The closed lists of strings that the network depends on. */
import { type Infer, oneOf } from "../shape/shape.js";

/** The accepted values of Protocol. */
export const protocol = oneOf("Protocol", "SCTP", "TCP", "UDP");
/** Protocol, as Kubernetes spells its values. */
export type Protocol = Infer<typeof protocol>;

/** The accepted values of ServiceType. */
export const serviceType = oneOf(
  "ServiceType",
  "ClusterIP",
  "NodePort",
  "LoadBalancer",
  "ExternalName",
);
/** ServiceType, as Kubernetes spells its values. */
export type ServiceType = Infer<typeof serviceType>;

/** The accepted values of ServiceAffinity. */
export const serviceAffinity = oneOf("ServiceAffinity", "ClientIP", "None");
/** ServiceAffinity, as Kubernetes spells its values. */
export type ServiceAffinity = Infer<typeof serviceAffinity>;

/** The accepted values of IPFamily. */
export const ipFamily = oneOf("IPFamily", "IPv4", "IPv6");
/** IPFamily, as Kubernetes spells its values. */
export type IPFamily = Infer<typeof ipFamily>;

/** The accepted values of IPFamilyPolicy. */
export const ipFamilyPolicy = oneOf(
  "IPFamilyPolicy",
  "SingleStack",
  "PreferDualStack",
  "RequireDualStack",
);
/** IPFamilyPolicy, as Kubernetes spells its values. */
export type IPFamilyPolicy = Infer<typeof ipFamilyPolicy>;

/** The accepted values of ServiceExternalTrafficPolicy. */
export const serviceExternalTrafficPolicy = oneOf(
  "ServiceExternalTrafficPolicy",
  "Cluster",
  "Local",
);
/** ServiceExternalTrafficPolicy, as Kubernetes spells its values. */
export type ServiceExternalTrafficPolicy = Infer<typeof serviceExternalTrafficPolicy>;

/** The accepted values of ServiceInternalTrafficPolicy. */
export const serviceInternalTrafficPolicy = oneOf(
  "ServiceInternalTrafficPolicy",
  "Cluster",
  "Local",
);
/** ServiceInternalTrafficPolicy, as Kubernetes spells its values. */
export type ServiceInternalTrafficPolicy = Infer<typeof serviceInternalTrafficPolicy>;

/** The accepted values of PolicyType. */
export const policyType = oneOf("PolicyType", "Ingress", "Egress");
/** PolicyType, as Kubernetes spells its values. */
export type PolicyType = Infer<typeof policyType>;

/** The accepted values of AddressType. */
export const addressType = oneOf("AddressType", "IPv4", "IPv6", "FQDN");
/** AddressType, as Kubernetes spells its values. */
export type AddressType = Infer<typeof addressType>;

/** The accepted values of LabelSelectorOperator. */
export const labelSelectorOperator = oneOf(
  "LabelSelectorOperator",
  "In",
  "NotIn",
  "Exists",
  "DoesNotExist",
);
/** LabelSelectorOperator, as Kubernetes spells its values. */
export type LabelSelectorOperator = Infer<typeof labelSelectorOperator>;
