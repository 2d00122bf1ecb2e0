/** What the API server gives a Service when it is written, and what a load balancer gives it then. */
import { type Addr, addOffset, type Prefix, tryParseAddr } from "../../addr/index.js";
import { InputError } from "../../base/index.js";
import { createService, releaseService, type Service, updateService } from "../../objects/index.js";
import { ServiceShare } from "../state/service-allocator.js";
import type { Workspace } from "../state/workspace.js";

/**
 * A Service as it is stored: families, cluster IPs and node ports filled in and taken, what it no
 * longer needs given back, everything checked.
 *
 * Shape: a status that says where a load balancer answers is believed, as it may come from a cluster.
 * Errors: `InputError` with every fault; then nothing is taken.
 */
export function admitService(
  workspace: Workspace,
  wanted: Service,
  before: Service | undefined,
): Service {
  const share = shareOf(workspace, before ?? wanted);
  const { service, faults } =
    before === undefined ? createService(wanted, share) : updateService(wanted, before, share);
  if (faults.length > 0) throw new InputError(faults);
  const given = wanted.status?.loadBalancer?.ingress ?? [];
  const isBelieved = service.spec.type === "LoadBalancer" && given.length > 0;
  return isBelieved ? { ...service, status: wanted.status } : service;
}

function shareOf(workspace: Workspace, { metadata, spec }: Service): ServiceShare {
  const owner = { namespace: metadata.namespace ?? "default", name: metadata.name };
  const held = (spec.ports ?? []).filter(({ nodePort = 0 }) => nodePort !== 0).length;
  return new ServiceShare(workspace.addresses, owner, held + Number(!!spec.healthCheckNodePort));
}

/** Gives back everything a Service held. */
export function freeService(workspace: Workspace, service: Service): void {
  releaseService(service, shareOf(workspace, service));
}

/** Gives a Service the addresses of a load balancer, where there is one. */
export function assignIngress(workspace: Workspace, namespace: string, name: string): void {
  const service = workspace.get("Service", namespace, name);
  if (service === undefined) return;
  const wanted = withIngress(workspace, service);
  if (JSON.stringify(wanted) !== JSON.stringify(service)) workspace.put(wanted);
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
