/** Ingresses, ServiceCIDRs and IPAddresses. Field names are those of Kubernetes v1.35.4. */

import {
  embedded,
  type Infer,
  int32,
  list,
  named,
  opt,
  ptr,
  req,
  str,
  struct,
  val,
} from "../../shape/shape.js";
import { protocol } from "../enums.js";
import { condition, objectMeta } from "../meta.js";
import { object } from "../object.js";
import { typedLocalObjectReference } from "../reference.js";

export const serviceBackendPort = struct("ServiceBackendPort", {
  name: opt(str),
  number: opt(int32),
});

/** ServiceBackendPort, as Kubernetes names its fields. */
export interface ServiceBackendPort extends Infer<typeof serviceBackendPort> {}

export const ingressServiceBackend = struct("IngressServiceBackend", {
  name: req(str),
  port: val(serviceBackendPort),
});

/** IngressServiceBackend, as Kubernetes names its fields. */
export interface IngressServiceBackend extends Infer<typeof ingressServiceBackend> {}

export const ingressBackend = struct("IngressBackend", {
  service: ptr(ingressServiceBackend),
  resource: ptr(typedLocalObjectReference),
});

/** IngressBackend, as Kubernetes names its fields. */
export interface IngressBackend extends Infer<typeof ingressBackend> {}

export const ingressTLS = struct("IngressTLS", {
  hosts: opt(list(str)),
  secretName: opt(str),
});

/** IngressTLS, as Kubernetes names its fields. */
export interface IngressTLS extends Infer<typeof ingressTLS> {}

export const httpIngressPath = struct("HTTPIngressPath", {
  path: opt(str),
  pathType: ptr(named("PathType")),
  backend: val(ingressBackend),
});

/** HTTPIngressPath, as Kubernetes names its fields. */
export interface HTTPIngressPath extends Infer<typeof httpIngressPath> {}

export const httpIngressRuleValue = struct("HTTPIngressRuleValue", {
  paths: req(list(httpIngressPath)),
});

/** HTTPIngressRuleValue, as Kubernetes names its fields. */
export interface HTTPIngressRuleValue extends Infer<typeof httpIngressRuleValue> {}

export const ingressRule = struct("IngressRule", {
  host: opt(str),
  ...embedded("IngressRuleValue", { http: ptr(httpIngressRuleValue) }),
});

/** IngressRule, as Kubernetes names its fields. */
export interface IngressRule extends Infer<typeof ingressRule> {}

export const ingressSpec = struct("IngressSpec", {
  ingressClassName: ptr(str),
  defaultBackend: ptr(ingressBackend),
  tls: opt(list(ingressTLS)),
  rules: opt(list(ingressRule)),
});

/** IngressSpec, as Kubernetes names its fields. */
export interface IngressSpec extends Infer<typeof ingressSpec> {}

export const ingressPortStatus = struct("IngressPortStatus", {
  port: req(int32),
  protocol: req(protocol),
  error: ptr(str),
});

/** IngressPortStatus, as Kubernetes names its fields. */
export interface IngressPortStatus extends Infer<typeof ingressPortStatus> {}

export const ingressLoadBalancerIngress = struct("IngressLoadBalancerIngress", {
  ip: opt(str),
  hostname: opt(str),
  ports: opt(list(ingressPortStatus)),
});

/** IngressLoadBalancerIngress, as Kubernetes names its fields. */
export interface IngressLoadBalancerIngress extends Infer<typeof ingressLoadBalancerIngress> {}

export const ingressLoadBalancerStatus = struct("IngressLoadBalancerStatus", {
  ingress: opt(list(ingressLoadBalancerIngress)),
});

/** IngressLoadBalancerStatus, as Kubernetes names its fields. */
export interface IngressLoadBalancerStatus extends Infer<typeof ingressLoadBalancerStatus> {}

export const ingressStatus = struct("IngressStatus", {
  loadBalancer: val(ingressLoadBalancerStatus),
});

/** IngressStatus, as Kubernetes names its fields. */
export interface IngressStatus extends Infer<typeof ingressStatus> {}

/** The shape of Ingress. */
export const ingress = object("networking.k8s.io/v1", "Ingress", {
  metadata: req(objectMeta),
  spec: req(ingressSpec),
  status: val(ingressStatus),
});

/** Ingress, as Kubernetes names its fields. */
export interface Ingress extends Infer<typeof ingress> {}

export const serviceCIDRSpec = struct("ServiceCIDRSpec", {
  cidrs: opt(list(str)),
});

/** ServiceCIDRSpec, as Kubernetes names its fields. */
export interface ServiceCIDRSpec extends Infer<typeof serviceCIDRSpec> {}

export const serviceCIDRStatus = struct("ServiceCIDRStatus", {
  conditions: opt(list(condition)),
});

/** ServiceCIDRStatus, as Kubernetes names its fields. */
export interface ServiceCIDRStatus extends Infer<typeof serviceCIDRStatus> {}

/** The shape of ServiceCIDR. */
export const serviceCIDR = object("networking.k8s.io/v1", "ServiceCIDR", {
  metadata: req(objectMeta),
  spec: req(serviceCIDRSpec),
  status: val(serviceCIDRStatus),
});

/** ServiceCIDR, as Kubernetes names its fields. */
export interface ServiceCIDR extends Infer<typeof serviceCIDR> {}

export const parentReference = struct("ParentReference", {
  group: opt(str),
  resource: opt(str),
  namespace: opt(str),
  name: opt(str),
});

/** ParentReference, as Kubernetes names its fields. */
export interface ParentReference extends Infer<typeof parentReference> {}

export const ipAddressSpec = struct("IPAddressSpec", {
  parentRef: ptr(parentReference),
});

/** IPAddressSpec, as Kubernetes names its fields. */
export interface IPAddressSpec extends Infer<typeof ipAddressSpec> {}

/** The shape of IPAddress. */
export const ipAddress = object("networking.k8s.io/v1", "IPAddress", {
  metadata: req(objectMeta),
  spec: req(ipAddressSpec),
});

/** IPAddress, as Kubernetes names its fields. */
export interface IPAddress extends Infer<typeof ipAddress> {}
