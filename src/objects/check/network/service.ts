/**
 * Checks of Services on creation. Fields are spelt as the server spells them, oddities included
 * (`spec.LoadBalancerSourceRanges`, `allocateLoadBalancerNodePorts` without `spec`).
 *
 * Follows: kubernetes v1.35 pkg/apis/core/validation/validation.go `ValidateService`.
 */
import type { Fault } from "../../../base/index.js";
import type { Service, ServicePort, SessionAffinityConfig } from "../../kinds/network/service.js";
import { duplicate, forbidden, invalid, notSupported, required } from "../../shape/field-error.js";
import { trimSpace } from "../../shape/go-text.js";
import { checkAddr, checkCidr, checkNotSpecial } from "../addresses.js";
import { checkLabels, checkObjectMeta } from "../meta.js";
import {
  checkForm,
  faultsOfDns1035Label,
  faultsOfLabel,
  faultsOfPortName,
  faultsOfPortNumber,
  faultsOfQualifiedName,
  faultsOfSubdomain,
} from "../names.js";
import { checkClusterIps, isHeadless } from "./cluster-ips.js";

const TYPES: readonly string[] = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const PROTOCOLS: readonly string[] = ["SCTP", "TCP", "UDP"];
const AFFINITIES: readonly string[] = ["ClientIP", "None"];
const TRAFFIC_POLICIES: readonly string[] = ["Cluster", "Local"];
const DISTRIBUTIONS: readonly string[] = ["PreferClose", "PreferSameZone", "PreferSameNode"];

/** Longest session affinity, in seconds: one day. */
const MAX_AFFINITY_SECONDS = 86400;

const HINTS_ANNOTATION = "service.kubernetes.io/topology-aware-hints";
const MODE_ANNOTATION = "service.kubernetes.io/topology-mode";
const RANGES_ANNOTATION = "service.beta.kubernetes.io/load-balancer-source-ranges";
const ONLY_LOAD_BALANCER = "may only be used when `type` is 'LoadBalancer'";

/** Checks a Service that is being created, defaults filled in and addresses allocated. */
export function checkService(service: Service, faults: Fault[]): void {
  checkObjectMeta(service.metadata, SERVICE_META, faults);
  checkServiceBody(service, undefined, faults);
}

const SERVICE_META = { namespaced: true, nameForm: faultsOfDns1035Label, keepsGeneration: true };

/** Checks all of a Service but its metadata; what stood in it before an update may stay malformed. */
export function checkServiceBody(
  service: Service,
  before: Service | undefined,
  faults: Fault[],
): void {
  checkTopologyAnnotations(service, faults);
  checkType(service, faults);
  checkPorts(service, faults);
  checkLabels("spec.selector", service.spec.selector, faults);
  checkAffinity(service, faults);
  checkClusterIps(service, faults, before?.spec.clusterIPs);
  checkExternalIps(service, before?.spec.externalIPs ?? [], faults);
  checkTypeName(service, faults);
  checkNodePorts(service, faults);
  checkSourceRanges(service, before, faults);
  checkLoadBalancer(service, faults);
  checkExternalTraffic(service, faults);
  checkInternalTraffic(service, faults);
}

function checkExternalIps(service: Service, before: readonly string[], faults: Fault[]): void {
  service.spec.externalIPs?.forEach((text, i) => {
    const path = `spec.externalIPs[${i}]`;
    const isReadable = before.includes(text) || checkAddr(path, text, faults) !== undefined;
    if (isReadable) checkNotSpecial(path, text, faults);
  });
}

function checkTopologyAnnotations(service: Service, faults: Fault[]): void {
  const annotations = service.metadata.annotations ?? {};
  const mode = annotations[MODE_ANNOTATION];
  const hints = annotations[HINTS_ANNOTATION];
  if (mode === undefined || hints === undefined || mode === hints) return;
  const message = `must match annotations[${HINTS_ANNOTATION}] when both are specified`;
  faults.push(invalid(`metadata.annotations[${MODE_ANNOTATION}]`, mode, message));
}

function checkType(service: Service, faults: Fault[]): void {
  const { spec } = service;
  const type = spec.type;
  const headless = isHeadless(service);
  if ((spec.ports ?? []).length === 0 && !headless && type !== "ExternalName") {
    faults.push(required("spec.ports"));
  }
  if ((type === "LoadBalancer" || type === "NodePort") && headless) {
    const message = `may not be set to 'None' for ${type} services`;
    faults.push(invalid("spec.clusterIPs[0]", "None", message));
  }
  if (type !== "ExternalName") return;
  const message = "may not be set for ExternalName services";
  if ((spec.clusterIPs ?? []).length > 0) faults.push(forbidden("spec.clusterIPs", message));
  if ((spec.ipFamilies ?? []).length > 0) faults.push(forbidden("spec.ipFamilies", message));
  if (spec.ipFamilyPolicy !== undefined) faults.push(forbidden("spec.ipFamilyPolicy", message));
  const name = (spec.externalName ?? "").replace(/\.$/, "");
  if (name === "") faults.push(required("spec.externalName"));
  else checkForm("spec.externalName", name, faultsOfSubdomain, faults);
}

function checkPorts(service: Service, faults: Fault[]): void {
  const ports = service.spec.ports ?? [];
  const names = new Set<string>();
  ports.forEach((port, i) => {
    const path = `spec.ports[${i}]`;
    const name = port.name ?? "";
    if (ports.length > 1 && name === "") faults.push(required(`${path}.name`));
    else if (name !== "") {
      checkForm(`${path}.name`, name, faultsOfLabel, faults);
      if (names.has(name)) faults.push(duplicate(`${path}.name`, name));
      names.add(name);
    }
    checkPort(path, port, faults);
  });
}

function checkPort(path: string, port: ServicePort, faults: Fault[]): void {
  for (const message of faultsOfPortNumber(port.port)) {
    faults.push(invalid(`${path}.port`, port.port, message));
  }
  const protocol = port.protocol ?? "";
  if (protocol === "") faults.push(required(`${path}.protocol`));
  else if (!PROTOCOLS.includes(protocol)) {
    faults.push(notSupported(`${path}.protocol`, protocol, PROTOCOLS));
  }
  const target = port.targetPort ?? 0;
  const wrong = typeof target === "string" ? faultsOfPortName(target) : faultsOfPortNumber(target);
  for (const message of wrong) faults.push(invalid(`${path}.targetPort`, target, message));
  if (port.appProtocol !== undefined) {
    checkForm(`${path}.appProtocol`, port.appProtocol, faultsOfQualifiedName, faults);
  }
}

function checkAffinity(service: Service, faults: Fault[]): void {
  const affinity: string = service.spec.sessionAffinity ?? "";
  const config = service.spec.sessionAffinityConfig;
  if (affinity === "") faults.push(required("spec.sessionAffinity"));
  else if (!AFFINITIES.includes(affinity)) {
    faults.push(notSupported("spec.sessionAffinity", affinity, AFFINITIES));
  }
  if (affinity === "ClientIP") checkAffinityConfig(config, faults);
  else if (affinity === "None" && config !== undefined) {
    const message = "must not be set when session affinity is None";
    faults.push(forbidden("spec.sessionAffinityConfig", message));
  }
}

function checkAffinityConfig(config: SessionAffinityConfig | undefined, faults: Fault[]): void {
  const path = "spec.sessionAffinityConfig";
  const message = "when session affinity type is ClientIP";
  const seconds = config?.clientIP?.timeoutSeconds;
  if (config === undefined) faults.push(required(path, message));
  else if (config.clientIP === undefined) faults.push(required(`${path}.clientIP`, message));
  else if (seconds === undefined) {
    faults.push(required(`${path}.clientIP.timeoutSeconds`, message));
  } else if (seconds <= 0 || seconds > MAX_AFFINITY_SECONDS) {
    const range = `must be greater than 0 and less than ${MAX_AFFINITY_SECONDS}`;
    faults.push(invalid(`${path}.clientIP.timeoutSeconds`, seconds, range));
  }
}

function checkTypeName(service: Service, faults: Fault[]): void {
  const type: string = service.spec.type ?? "";
  if (type === "") faults.push(required("spec.type"));
  else if (!TYPES.includes(type)) faults.push(notSupported("spec.type", type, TYPES));
  if (type !== "ClusterIP") return;
  service.spec.ports?.forEach((port, i) => {
    if ((port.nodePort ?? 0) === 0) return;
    const message = "may not be used when `type` is 'ClusterIP'";
    faults.push(forbidden(`spec.ports[${i}].nodePort`, message));
  });
}

/** Refuses the same node port, and the same port, twice for one protocol. */
function checkNodePorts(service: Service, faults: Fault[]): void {
  const ports = service.spec.ports ?? [];
  const nodePorts = new Set<string>();
  ports.forEach((port, i) => {
    if ((port.nodePort ?? 0) === 0) return;
    const key = `${port.protocol ?? ""}:${port.nodePort}`;
    if (nodePorts.has(key)) faults.push(duplicate(`spec.ports[${i}].nodePort`, port.nodePort));
    nodePorts.add(key);
  });
  const seen = new Set<string>();
  ports.forEach((port, i) => {
    const key = `${port.protocol ?? ""}:${port.port}`;
    if (seen.has(key)) faults.push(duplicate(`spec.ports[${i}]`, shownPort(port)));
    seen.add(key);
  });
}

/** The server shows a doubled port by its own field names, with nothing but what was compared. */
function shownPort(port: ServicePort): Readonly<Record<string, unknown>> {
  return {
    Name: "",
    Protocol: port.protocol ?? "",
    AppProtocol: null,
    Port: port.port,
    TargetPort: 0,
    NodePort: 0,
  };
}

function checkSourceRanges(service: Service, before: Service | undefined, faults: Fault[]): void {
  const ranges = service.spec.loadBalancerSourceRanges ?? [];
  const isLoadBalancer = service.spec.type === "LoadBalancer";
  if (ranges.length > 0) {
    const path = "spec.LoadBalancerSourceRanges";
    if (!isLoadBalancer) faults.push(forbidden(path, ONLY_LOAD_BALANCER));
    const known = (before?.spec.loadBalancerSourceRanges ?? []).map(trimSpace);
    ranges.map(trimSpace).forEach((text, i) => {
      if (!known.includes(text)) checkCidr(`${path}[${i}]`, text, faults);
    });
    return;
  }
  const annotation = service.metadata.annotations?.[RANGES_ANNOTATION];
  if (annotation === undefined) return;
  const path = `metadata.annotations[${RANGES_ANNOTATION}]`;
  if (!isLoadBalancer) faults.push(forbidden(path, ONLY_LOAD_BALANCER));
  if (before?.metadata.annotations?.[RANGES_ANNOTATION] === annotation) return;
  const texts = trimSpace(annotation);
  if (texts === "") return;
  for (const text of texts.split(",")) checkCidr(path, trimSpace(text), faults);
}

function checkLoadBalancer(service: Service, faults: Fault[]): void {
  const { allocateLoadBalancerNodePorts, loadBalancerClass, type } = service.spec;
  if (type === "LoadBalancer") {
    if (allocateLoadBalancerNodePorts === undefined) {
      faults.push(required("allocateLoadBalancerNodePorts"));
    }
    if (loadBalancerClass !== undefined) {
      checkForm("spec.loadBalancerClass", loadBalancerClass, faultsOfQualifiedName, faults);
    }
    return;
  }
  if (allocateLoadBalancerNodePorts !== undefined) {
    faults.push(forbidden("spec.allocateLoadBalancerNodePorts", ONLY_LOAD_BALANCER));
  }
  if (loadBalancerClass !== undefined) {
    faults.push(forbidden("spec.loadBalancerClass", ONLY_LOAD_BALANCER));
  }
}

/** Whether others than pods may reach a Service: a node port, a load balancer, external IPs. */
export function isExternallyAccessible(service: Service): boolean {
  const { type, externalIPs } = service.spec;
  if (type === "LoadBalancer" || type === "NodePort") return true;
  return type === "ClusterIP" && (externalIPs ?? []).length > 0;
}

/** Whether a load balancer asks nodes if they hold an endpoint. */
export function needsHealthCheck({ spec }: Pick<Service, "spec">): boolean {
  const { type, externalTrafficPolicy } = spec;
  return type === "LoadBalancer" && externalTrafficPolicy === "Local";
}

function checkExternalTraffic(service: Service, faults: Fault[]): void {
  const policy: string = service.spec.externalTrafficPolicy ?? "";
  const path = "spec.externalTrafficPolicy";
  if (!isExternallyAccessible(service)) {
    const message = "may only be set for externally-accessible services";
    if (policy !== "") faults.push(invalid(path, policy, message));
  } else if (policy === "") faults.push(required(path));
  else if (!TRAFFIC_POLICIES.includes(policy)) {
    faults.push(notSupported(path, policy, TRAFFIC_POLICIES));
  }
  checkHealthPort(service, faults);
}

function checkHealthPort(service: Service, faults: Fault[]): void {
  const port = service.spec.healthCheckNodePort ?? 0;
  const path = "spec.healthCheckNodePort";
  if (!needsHealthCheck(service)) {
    const message =
      "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    if (port !== 0) faults.push(invalid(path, port, message));
  } else if (port === 0) faults.push(required(path));
  else for (const message of faultsOfPortNumber(port)) faults.push(invalid(path, port, message));
}

function checkInternalTraffic(service: Service, faults: Fault[]): void {
  const { internalTrafficPolicy, trafficDistribution, type } = service.spec;
  const path = "spec.internalTrafficPolicy";
  if (internalTrafficPolicy === undefined) {
    if (type === "ClusterIP" || type === "NodePort" || type === "LoadBalancer") {
      faults.push(required(path));
    }
  } else if (!TRAFFIC_POLICIES.includes(internalTrafficPolicy)) {
    faults.push(notSupported(path, internalTrafficPolicy, TRAFFIC_POLICIES));
  }
  if (trafficDistribution !== undefined && !DISTRIBUTIONS.includes(trafficDistribution)) {
    faults.push(notSupported("spec.trafficDistribution", trafficDistribution, DISTRIBUTIONS));
  }
}
