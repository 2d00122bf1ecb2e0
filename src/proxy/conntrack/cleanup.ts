/**
 * Which connections kube-proxy forgets after a sync: UDP ones that were sent to an endpoint that no
 * longer serves. Without that a client that keeps its port would speak to nobody until the entry
 * times out. TCP connections end by themselves.
 */
import type { Addr } from "../../addr/index.js";
import { changedServices, endpointsOf, type ProxyModel, type ServiceState } from "../model.js";
import { type ReleaseFacts, releaseFacts } from "../release.js";

/** What the cleanup looks at in a tracked connection. */
export interface CleanableEntry {
  readonly original: {
    readonly protocol: number;
    readonly dst: Addr;
    readonly dport: number;
  };
  readonly reply: { readonly src: Addr; readonly sport: number };
}

/** What is deleted: entries that agree in everything that is stated. */
export interface ConntrackFilter {
  /** IP protocol number. */
  readonly protocol: number;
  readonly original: { readonly dst?: Addr; readonly dport: number };
  readonly reply: { readonly src: Addr; readonly sport: number };
}

const UDP = 17;

/**
 * Works out what to delete from the connections of one family.
 *
 * Shape: one filter per stale entry and per way it is stale: by the address it was sent to, or by
 * the node port. Policies and hints do not count, only whether the endpoint serves. Services without
 * any serving endpoint are left alone; from release 1.37 on only their node ports are. Until 1.35 a
 * filter by node port does not ask for the address; later releases delete the entry alone.
 * Follows: Kubernetes v1.35.4, v1.36.0 and v1.37.0 pkg/proxy/conntrack/cleanup.go `CleanStaleEntries`.
 * Cost: linear in UDP ports and entries.
 */
export function findStaleEntries(
  model: ProxyModel,
  entries: Iterable<CleanableEntry>,
): readonly ConntrackFilter[] {
  const facts = releaseFacts(model.release).conntrack;
  const { byAddr, byNodePort } = servingEndpoints(model, facts);
  const filters: ConntrackFilter[] = [];
  for (const { original, reply } of entries) {
    if (original.protocol !== UDP) continue;
    const { dst, dport } = original;
    const from = { src: reply.src, sport: reply.sport };
    const replier = `${reply.src}|${reply.sport}`;
    if (byAddr.get(`${dst}|${dport}`)?.has(replier) === false) {
      filters.push({ protocol: UDP, original: { dst, dport }, reply: from });
      if (!facts.byNodePortAlone) continue;
    }
    if (byNodePort.get(dport)?.has(replier) === false) {
      const original = facts.byNodePortAlone ? { dport } : { dst, dport };
      filters.push({ protocol: UDP, original, reply: from });
    }
  }
  return filters;
}

/** Whether a filter deletes an entry. Follows: pkg/proxy/conntrack/filter.go `MatchConntrackFlow`. */
export function matchesFilter(filter: ConntrackFilter, entry: CleanableEntry): boolean {
  const { dst, dport } = filter.original;
  const { src, sport } = filter.reply;
  return (
    filter.protocol === entry.original.protocol &&
    (dst === undefined || dst.equals(entry.original.dst)) &&
    (dport === 0 || dport === entry.original.dport) &&
    src.equals(entry.reply.src) &&
    (sport === 0 || sport === entry.reply.sport)
  );
}

/**
 * Whether a sync is followed by a cleanup: some Service with UDP endpoints changed them.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/endpointschangetracker.go `EndpointsMap.Update`.
 */
export function needsCleanup(before: ProxyModel | undefined, after: ProxyModel): boolean {
  if (before === undefined) return after.services.values.some(hasUdp);
  for (const service of changedServices(before, after)) {
    const old = before.services.get(service);
    const now = after.services.get(service);
    if (old?.byPort !== now?.byPort && (hasUdp(old) || hasUdp(now))) return true;
  }
  return false;
}

function hasUdp(state: ServiceState | undefined): boolean {
  if (state === undefined) return false;
  for (const key of state.byPort.keys()) if (key.endsWith("/udp")) return true;
  return false;
}

function servingEndpoints(
  model: ProxyModel,
  { servicesWithoutEndpoints }: ReleaseFacts["conntrack"],
): {
  readonly byAddr: ReadonlyMap<string, ReadonlySet<string>>;
  readonly byNodePort: ReadonlyMap<number, ReadonlySet<string>>;
} {
  const byAddr = new Map<string, ReadonlySet<string>>();
  const byNodePort = new Map<number, ReadonlySet<string>>();
  for (const state of model.services.values) {
    for (const port of state.ports) {
      if (port.protocol !== "udp") continue;
      const serving = endpointsOf(state, port).list.filter((e) => e.serving);
      if (serving.length === 0 && !servicesWithoutEndpoints) continue;
      const ends = new Set(serving.map((e) => `${e.addr}|${e.port}`));
      for (const addr of [port.clusterIP, ...port.loadBalancerVIPs, ...port.externalIPs]) {
        byAddr.set(`${addr}|${port.port}`, ends);
      }
      if (port.nodePort !== 0 && serving.length > 0) byNodePort.set(port.nodePort, ends);
    }
  }
  return { byAddr, byNodePort };
}
