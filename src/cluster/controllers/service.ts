/** What the API server gives a Service when it is written: cluster IPs and node ports. */
import { type Addr, addOffset, type Prefix, tryParseAddr } from "../../addr/index.js";
import { RefusedError } from "../../base/index.js";
import type { Service, ServicePort } from "../../objects/index.js";
import type { Held, ServiceOwner } from "../state/addresses.js";
import { placeKey } from "../state/places.js";
import { keyOf } from "../state/state.js";
import type { Workspace } from "../state/workspace.js";

/**
 * Fills in the addresses and ports a Service has not got, and takes those it names.
 *
 * Shape: what it no longer needs is given back, so that a change of type frees its ports. What is
 * refused is noted as a fault of the whole change.
 * Follows: Kubernetes v1.35.4 pkg/registry/core/service/storage/alloc.go `allocateCreate`,
 * `allocateUpdate`.
 */
export function allocateService(workspace: Workspace, namespace: string, name: string): void {
  const service = workspace.get("Service", namespace, name);
  if (service?.spec === undefined) return;
  const owner: ServiceOwner = { namespace, name };
  const faultCount = workspace.faults.length;
  const addressed = attempt(workspace, service, "spec.clusterIPs", () =>
    withClusterIPs(workspace, service, owner),
  );
  const filled = attempt(workspace, addressed, "spec.ports", () =>
    withNodePorts(workspace, addressed, owner),
  );
  if (workspace.faults.length > faultCount) return;
  workspace.addresses.retainService(owner, usedBy(filled));
  const wanted = withIngress(workspace, filled);
  if (JSON.stringify(wanted) !== JSON.stringify(service)) workspace.put(wanted);
}

/** What an allocator refuses is the user's fault, told with the Service and its place. */
function attempt(workspace: Workspace, service: Service, path: string, work: () => Service) {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const key = keyOf(service);
    const where = `Service ${key.namespace}/${key.name}`;
    const { file, line } = workspace.base.places.get(placeKey(key)) ?? {};
    workspace.faults.push({
      code: "FieldValueInvalid",
      path,
      value:
        path === "spec.ports"
          ? service.spec.ports?.map((p) => p.nodePort)
          : (service.spec.clusterIPs ?? service.spec.clusterIP),
      message: `${where}: ${error.message}`,
      ...(file === undefined ? {} : { file }),
      ...(line === undefined ? {} : { line }),
    });
    return service;
  }
}

/** What a Service uses of what it may hold. */
function usedBy({ spec }: Service): Held {
  const isExternal = spec.type === "ExternalName";
  const ports = (spec.ports ?? []).flatMap((p) => p.nodePort ?? []);
  return {
    addrs: isExternal ? [] : (spec.clusterIPs ?? []).flatMap((ip) => tryParseAddr(ip) ?? []),
    ports: [...ports, ...(spec.healthCheckNodePort ? [spec.healthCheckNodePort] : [])],
  };
}

/** Gives back everything a Service held. */
export function freeService(workspace: Workspace, namespace: string, name: string): void {
  workspace.addresses.releaseService({ namespace, name });
}

function withClusterIPs(workspace: Workspace, service: Service, owner: ServiceOwner): Service {
  const { spec } = service;
  if (spec.type === "ExternalName") return service;
  const { settings } = workspace.base;
  const families = spec.ipFamilies ?? chooseFamilies(service, settings.families);
  const ipFamilyPolicy = spec.ipFamilyPolicy ?? "SingleStack";
  const withFamilies = { ...service, spec: { ...spec, ipFamilies: families, ipFamilyPolicy } };
  if (spec.clusterIP === "None") {
    return { ...withFamilies, spec: { ...withFamilies.spec, clusterIPs: ["None"] } };
  }
  const given = spec.clusterIPs ?? (spec.clusterIP ? [spec.clusterIP] : []);
  const clusterIPs = families.map((word) => {
    const family = word === "IPv6" ? "ip6" : "ip4";
    const wanted = given.find((ip) => tryParseAddr(ip)?.family === family);
    return String(workspace.addresses.allocateClusterIP(owner, { family, wanted }));
  });
  const first = clusterIPs[0] ?? "";
  return { ...withFamilies, spec: { ...withFamilies.spec, clusterIP: first, clusterIPs } };
}

/** Follows: Kubernetes v1.35.4 pkg/registry/core/service/storage/alloc.go `initIPFamilyFields`. */
function chooseFamilies(service: Service, families: readonly ("ip4" | "ip6")[]) {
  const words = families.map((f) => (f === "ip6" ? ("IPv6" as const) : ("IPv4" as const)));
  const { ipFamilyPolicy, clusterIP, clusterIPs } = service.spec;
  if (ipFamilyPolicy === "PreferDualStack" || ipFamilyPolicy === "RequireDualStack") return words;
  const given = tryParseAddr(clusterIPs?.[0] ?? clusterIP ?? "");
  if (given !== undefined) return [given.family === "ip6" ? ("IPv6" as const) : ("IPv4" as const)];
  return words.slice(0, 1);
}

function withNodePorts(workspace: Workspace, service: Service, owner: ServiceOwner): Service {
  const { spec } = service;
  const isLoadBalancer = spec.type === "LoadBalancer";
  const isWanted =
    spec.type === "NodePort" || (isLoadBalancer && spec.allocateLoadBalancerNodePorts !== false);
  const mine = new Map<number, string>();
  const ports = (spec.ports ?? []).map((port) => {
    if (!isWanted) return withoutNodePort(port, isLoadBalancer);
    const nodePort = takePort(port.nodePort ?? 0, port.protocol ?? "TCP", mine);
    return { ...port, nodePort };
  });
  const needsCheck = isLoadBalancer && spec.externalTrafficPolicy === "Local";
  const check = needsCheck ? takePort(spec.healthCheckNodePort ?? 0, "check", mine) : undefined;
  return {
    ...service,
    spec: {
      ...spec,
      ...(spec.ports === undefined ? {} : { ports }),
      ...(check === undefined ? {} : { healthCheckNodePort: check }),
    },
  };

  /** One number may serve two protocols of one Service, so it is taken once. */
  function takePort(wanted: number, protocol: string, taken: Map<number, string>): number {
    const shared = [...taken].find(([port, p]) => port === wanted && p !== protocol);
    if (shared !== undefined) return shared[0];
    const port = workspace.addresses.allocateNodePort(owner, wanted);
    taken.set(port, protocol);
    return port;
  }
}

/** Only a load balancer that wants none may keep the node ports it names. */
function withoutNodePort(port: ServicePort, isKept: boolean): ServicePort {
  if (port.nodePort === undefined || (isKept && port.nodePort !== 0)) return port;
  const { nodePort: _dropped, ...rest } = port;
  return rest;
}

/**
 * A Service always has a status. If there is a load balancer, Services of that type get an address of
 * it in each of their families: the one they ask for, else the lowest that is free.
 */
function withIngress(workspace: Workspace, service: Service): Service {
  const { loadBalancer } = workspace.base.settings;
  const given = service.status?.loadBalancer?.ingress ?? [];
  const isWanted = service.spec.type === "LoadBalancer";
  if (loadBalancer === undefined || (isWanted && given.length > 0)) {
    return service.status === undefined ? { ...service, status: { loadBalancer: {} } } : service;
  }
  if (!isWanted || service.spec.loadBalancerClass !== undefined) {
    return { ...service, status: { ...service.status, loadBalancer: {} } };
  }
  const taken = takenIngress(workspace);
  const ingress = (service.spec.ipFamilies ?? []).flatMap((word) => {
    const prefix = loadBalancer.prefixes.find(
      (p) => p.family === (word === "IPv6" ? "ip6" : "ip4"),
    );
    const asked = tryParseAddr(service.spec.loadBalancerIP ?? "");
    if (prefix === undefined) return [];
    const isAsked = asked !== undefined && prefix.contains(asked) && !taken.has(asked.key());
    const addr = isAsked ? asked : firstFree(prefix, taken);
    return addr === undefined ? [] : [{ ip: String(addr), ipMode: loadBalancer.ipMode }];
  });
  return { ...service, status: { ...service.status, loadBalancer: { ingress } } };
}

function takenIngress(workspace: Workspace): ReadonlySet<string> {
  const services = workspace.namespaces().flatMap((ns) => workspace.list("Service", ns));
  const ingress = services.flatMap((s) => s.status?.loadBalancer?.ingress ?? []);
  return new Set(ingress.flatMap(({ ip }) => tryParseAddr(ip ?? "")?.key() ?? []));
}

function firstFree(prefix: Prefix, taken: ReadonlySet<string>): Addr | undefined {
  let addr = addOffset(prefix.addr, 1);
  while (prefix.contains(addr)) {
    if (!taken.has(addr.key())) return addr;
    addr = addOffset(addr, 1);
  }
  return undefined;
}
