/** Services. Field names are those of Kubernetes v1.35.4. */

import {
  bool,
  type Infer,
  int32,
  intOrString,
  list,
  map,
  named,
  opt,
  ptr,
  req,
  str,
  struct,
  val,
} from "../../shape/shape.js";
import {
  ipFamily,
  ipFamilyPolicy,
  protocol,
  serviceAffinity,
  serviceExternalTrafficPolicy,
  serviceInternalTrafficPolicy,
  serviceType,
} from "../enums.js";
import { condition, objectMeta } from "../meta.js";
import { object } from "../object.js";

export const clientIPConfig = struct("ClientIPConfig", {
  timeoutSeconds: ptr(int32),
});

/** ClientIPConfig, as Kubernetes names its fields. */
export interface ClientIPConfig extends Infer<typeof clientIPConfig> {}

export const sessionAffinityConfig = struct("SessionAffinityConfig", {
  clientIP: ptr(clientIPConfig),
});

/** SessionAffinityConfig, as Kubernetes names its fields. */
export interface SessionAffinityConfig extends Infer<typeof sessionAffinityConfig> {}

export const servicePort = struct("ServicePort", {
  name: opt(str),
  protocol: opt(protocol, { default: "TCP" }),
  appProtocol: ptr(str),
  port: req(int32),
  targetPort: opt(intOrString),
  nodePort: opt(int32),
});

/** ServicePort, as Kubernetes names its fields. */
export interface ServicePort extends Infer<typeof servicePort> {}

export const serviceSpec = struct("ServiceSpec", {
  ports: opt(list(servicePort)),
  selector: opt(map(str)),
  clusterIP: opt(str),
  clusterIPs: opt(list(str)),
  type: opt(serviceType),
  externalIPs: opt(list(str)),
  sessionAffinity: opt(serviceAffinity),
  loadBalancerIP: opt(str),
  loadBalancerSourceRanges: opt(list(str)),
  externalName: opt(str),
  externalTrafficPolicy: opt(serviceExternalTrafficPolicy),
  healthCheckNodePort: opt(int32),
  publishNotReadyAddresses: opt(bool),
  sessionAffinityConfig: ptr(sessionAffinityConfig),
  ipFamilies: opt(list(ipFamily)),
  ipFamilyPolicy: ptr(ipFamilyPolicy),
  allocateLoadBalancerNodePorts: ptr(bool),
  loadBalancerClass: ptr(str),
  internalTrafficPolicy: ptr(serviceInternalTrafficPolicy),
  trafficDistribution: ptr(str),
});

/** ServiceSpec, as Kubernetes names its fields. */
export interface ServiceSpec extends Infer<typeof serviceSpec> {}

export const portStatus = struct("PortStatus", {
  port: req(int32),
  protocol: req(protocol),
  error: ptr(str),
});

/** PortStatus, as Kubernetes names its fields. */
export interface PortStatus extends Infer<typeof portStatus> {}

export const loadBalancerIngress = struct("LoadBalancerIngress", {
  ip: opt(str),
  hostname: opt(str),
  ipMode: ptr(named("LoadBalancerIPMode")),
  ports: opt(list(portStatus)),
});

/** LoadBalancerIngress, as Kubernetes names its fields. */
export interface LoadBalancerIngress extends Infer<typeof loadBalancerIngress> {}

export const loadBalancerStatus = struct("LoadBalancerStatus", {
  ingress: opt(list(loadBalancerIngress)),
});

/** LoadBalancerStatus, as Kubernetes names its fields. */
export interface LoadBalancerStatus extends Infer<typeof loadBalancerStatus> {}

export const serviceStatus = struct("ServiceStatus", {
  loadBalancer: val(loadBalancerStatus),
  conditions: opt(list(condition)),
});

/** ServiceStatus, as Kubernetes names its fields. */
export interface ServiceStatus extends Infer<typeof serviceStatus> {}

/** The shape of Service. */
export const service = object("v1", "Service", {
  metadata: req(objectMeta),
  spec: req(serviceSpec),
  status: val(serviceStatus),
});

/** Service, as Kubernetes names its fields. */
export interface Service extends Infer<typeof service> {}
