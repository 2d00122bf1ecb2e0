/**
 * Where the real kube-proxy answers by chance: objects that contradict each other, which it reads in
 * the order of Go's maps. We read them in order of names, so our rules do not say that they could be
 * others; this does.
 */
import type { Family } from "../addr/index.js";
import { type Origin, printOrigin } from "../base/index.js";
import { type Endpoint, endpointsOfService, NO_ENDPOINTS } from "./endpoints/endpoint.js";
import { buildModel, type ProxyModel, type ProxyObjects, type ServiceState } from "./model.js";
import { DEFAULT_RELEASE, type DuplicateRule, type ProxyRelease, releaseFacts } from "./release.js";
import type { ServicePort } from "./services/service-port.js";

/** Two or more objects that say different things about one. */
export interface ProxyFinding {
  readonly kind: /** One address and port of a Service port stands in its slices with different properties. */
    | "endpoint-in-two-slices"
    /** Two Services claim one address, port and protocol. */
    | "address-of-two-services"
    /** Two Services claim one node port. */
    | "node-port-of-two-services";
  readonly family: Family;
  /** `ns/name:port` of all concerned, in order of names. */
  readonly services: readonly string[];
  /** `10.244.0.3:8080`, `203.0.113.9:80/tcp` or `30080/tcp`. */
  readonly at: string;
  /** What is said of it, in the order we read it: the first is what we go by, unless told otherwise. */
  readonly says: readonly string[];
  /** The objects that say it, in order of names: EndpointSlices, or ports of Services. */
  readonly origins: readonly Origin[];
}

/**
 * Finds what the real kube-proxy of a release would answer by chance.
 *
 * Shape: ordered by kind, then by place. An endpoint that stands in two slices with the same
 * properties is no finding, nor are two Services at one address with different ports.
 * Follows: Kubernetes v1.35.4 pkg/proxy/endpointslicecache.go `addEndpoints`,
 * servicechangetracker.go `ServicePortMap` (both are walked in map order).
 *
 * @example
 * lintProxy({ services: [], endpointSlices: [] }) // []
 */
export function lintProxy(
  objects: ProxyObjects,
  release: ProxyRelease = DEFAULT_RELEASE,
): readonly ProxyFinding[] {
  return (["ip4", "ip6"] as const).flatMap((family) => {
    const model = buildModel(objects, { family, release });
    return [...endpointFindings(model), ...claimFindings(model)];
  });
}

/** A finding as one sentence. */
export function printFinding({ kind, services, at, says, origins }: ProxyFinding): string {
  const places = origins.map(printOrigin).join(", ");
  switch (kind) {
    case "endpoint-in-two-slices": {
      const where = `endpoint ${at} of ${services.join(", ")} stands in several slices`;
      return `${where}: ${says.join(" | ")}; see ${places}`;
    }
    case "address-of-two-services":
      return `address ${at} is claimed by ${places}`;
    case "node-port-of-two-services":
      return `node port ${at} is claimed by ${places}`;
  }
}

function endpointFindings(model: ProxyModel): ProxyFinding[] {
  const findings: ProxyFinding[] = [];
  for (const state of model.services.values) {
    for (const { key, name } of state.ports) {
      const { contested, duplicates } = state.byPort.get(key) ?? NO_ENDPOINTS;
      if (contested.length === 0) continue;
      const holders = slicesByEndpoint(state, key, model.release);
      for (const [at, endpoints] of groupBy(contested, ({ text }) => text)) {
        const says = [...new Set(rivalsOf(endpoints, duplicates).map(describe))];
        if (says.length < 2) continue;
        const { family } = model;
        const kind = "endpoint-in-two-slices";
        const origins = holders.get(at) ?? [];
        findings.push({ kind, family, services: [name], at, says, origins });
      }
    }
  }
  return findings;
}

/** The slices of a Service in which each endpoint of one of its ports stands, by `text`. */
function slicesByEndpoint(
  { service, slices }: ServiceState,
  key: string,
  release: ProxyRelease,
): ReadonlyMap<string, readonly Origin[]> {
  const facts = releaseFacts(release);
  const holders = slices.flatMap((slice) => {
    const { namespace = "", name = "" } = slice.metadata ?? {};
    const origin: Origin = { kind: "EndpointSlice", namespace, name };
    const { list } = endpointsOfService(service, [slice], facts).get(key) ?? NO_ENDPOINTS;
    return list.map(({ text }) => ({ text, origin }));
  });
  const grouped = groupBy(holders, ({ text }) => text);
  return new Map([...grouped].map(([text, all]) => [text, all.map(({ origin }) => origin)]));
}

/** Of entries with one address, those that chance decides between. */
function rivalsOf(endpoints: readonly Endpoint[], rule: DuplicateRule): readonly Endpoint[] {
  if (rule === "last-local") return endpoints;
  const running = endpoints.filter(({ terminating }) => !terminating);
  return running.length > 0 ? running : endpoints;
}

/** Everything of an endpoint that a rule could depend on. */
function describe(endpoint: Endpoint): string {
  const { nodeName, ready, serving, terminating, zoneHints, nodeHints } = endpoint;
  const hints = (kind: string, names: readonly string[]) =>
    names.length === 0 ? "" : `, for ${kind} ${names.join(" ")}`;
  const states = [
    ready ? "ready" : "not ready",
    ...(serving ? ["serving"] : []),
    ...(terminating ? ["terminating"] : []),
  ];
  const where = nodeName === "" ? "" : ` on ${nodeName}`;
  return `${states.join(" ")}${where}${hints("zones", zoneHints)}${hints("nodes", nodeHints)}`;
}

function claimFindings({ family, services }: ProxyModel): ProxyFinding[] {
  const ports = services.values.flatMap((state) => state.ports);
  const addrs = ports.flatMap((port) =>
    [port.clusterIP, ...port.externalIPs, ...port.loadBalancerVIPs].map(
      (addr) => [`${addrText(addr)}:${port.port}/${port.protocol}`, port] as const,
    ),
  );
  const nodePorts = ports
    .filter(({ nodePort }) => nodePort !== 0)
    .map((port) => [`${port.nodePort}/${port.protocol}`, port] as const);
  return [
    ...contested("address-of-two-services", family, addrs),
    ...contested("node-port-of-two-services", family, nodePorts),
  ];
}

function contested(
  kind: ProxyFinding["kind"],
  family: Family,
  claims: readonly (readonly [at: string, port: ServicePort])[],
): ProxyFinding[] {
  return [...groupBy(claims, ([at]) => at)].flatMap(([at, group]) => {
    const byName = new Map(group.map(([, port]) => [port.name, port.origin]));
    const names = [...byName.keys()];
    if (names.length < 2) return [];
    return [{ kind, family, services: names, at, says: names, origins: [...byName.values()] }];
  });
}

function addrText(addr: ServicePort["clusterIP"]): string {
  return addr.family === "ip6" ? `[${addr}]` : addr.toString();
}

function groupBy<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}
