/**
 * One run of kube-proxy's ipvs sync as a value: what was known and done before, and the objects now,
 * give the requests to IPVS, ipset and the dummy device, the iptables text, and what is remembered.
 *
 *   model before ─┐                        ┌─▶ virtual and real servers, set entries, addresses
 *   model now ────┼─▶ Services changed ─▶ ─┼─▶ restore input (always all of it; it is short)
 *   connections ──┘                        └─▶ state for the next run
 */
import { type Addr, parsePrefix } from "../../addr/index.js";
import { type RealServer, type VirtualServer, virtualServerKey } from "../../ipvs/index.js";
import { type MarkPrinter, printPaddedMark } from "../mark.js";
import { changedServices, type ProxyModel, type ServiceState } from "../model.js";
import type { ProxyNode, ProxySettings } from "../settings.js";
import { SortedTable } from "../sorted-table.js";
import {
  emitIpvsService,
  type IpvsProxyRules,
  type IpvsService,
  ipvsEmitOptions,
  ipvsRulesFrom,
  printIpvsRestore,
} from "./compile.js";
import type { IpvsOperation } from "./operation.js";
import type { IpvsEmitOptions } from "./port-servers.js";
import {
  type CountConnections,
  changeServers,
  expireReals,
  NO_CONNECTIONS,
  type ServerChange,
  type Terminating,
} from "./real-servers.js";
import { ipvsRules } from "./rules.js";
import { SET_KEYS, type SetKey, setName } from "./set-info.js";
import { changeTally, EMPTY_TALLY, type Tally, type TallyChange } from "./tally.js";

/** What a proxy remembers between runs. */
export interface IpvsState {
  /** Undefined before the first run. */
  readonly model: ProxyModel | undefined;
  readonly node: ProxyNode;
  readonly settings: ProxySettings;
  /** By `ns/name`. */
  readonly written: SortedTable<IpvsService>;
  /** How many Services want each virtual server. */
  readonly claims: Tally;
  /** Members of each set, with how many ask for them. */
  readonly members: ReadonlyMap<SetKey, Tally>;
  /** Virtual servers nobody wants, in CIDRs that kube-proxy leaves alone. */
  readonly abandoned: ReadonlyMap<string, VirtualServer>;
  /** Real servers with weight 0 that still have connections. */
  readonly terminating: Terminating;
  readonly printMark: MarkPrinter;
}

/** What one run sends. */
export interface IpvsSync {
  readonly state: IpvsState;
  /** In the order kube-proxy asks for them, `text` between entries and removals of addresses. */
  readonly operations: readonly IpvsOperation[];
  /** Input of `iptables-restore --noflush`. */
  readonly text: string;
}

/** What a run is told besides the objects. */
export interface IpvsSyncOptions {
  /** Connections IPVS holds; none unless said. */
  readonly connections?: CountConnections;
}

/** The state of a proxy that has not run yet, on a node where IPVS is empty. */
export function startIpvs(
  settings: ProxySettings,
  node: ProxyNode,
  { printMark = printPaddedMark }: { readonly printMark?: MarkPrinter } = {},
): IpvsState {
  return {
    model: undefined,
    node,
    settings,
    written: SortedTable.of(new Map()),
    claims: EMPTY_TALLY,
    members: new Map(SET_KEYS.map((key) => [key, EMPTY_TALLY])),
    abandoned: new Map(),
    terminating: new Map(),
    printMark,
  };
}

/**
 * Runs one sync.
 *
 * Shape: what the kernel holds afterwards depends on the objects only, save for real servers whose
 * connections have not ended and for virtual servers in `excludeCIDRs`, which are never deleted.
 * Laws: `ipvsRulesOf` of the state is `compileIpvsProxy` of the objects
 * (test/property/proxy/ipvs-sync.prop.test.ts).
 * Follows: Kubernetes v1.35.4 pkg/proxy/ipvs/proxier.go `syncProxyRules`.
 * Cost: one look at each Service, else what changed.
 */
export function syncIpvs(
  state: IpvsState,
  model: ProxyModel,
  { connections = NO_CONNECTIONS }: IpvsSyncOptions = {},
): IpvsSync {
  const changed = state.model === undefined ? undefined : changedServices(state.model, model);
  const { written, pairs } = replaceWritten(state, model, changed);
  const claims = changeClaims(state.claims, pairs);
  const changes = serverChanges(state, written, { pairs, contested: hasContest(state, claims) });
  const servers = changeServers(
    changes.filter(({ after }) => after !== undefined),
    state.terminating,
    connections,
  );
  const { abandoned, deleted } = partGone(state, changes);
  const last = changeServers(deleted, servers.terminating, connections);
  const sets = changeSets(state, pairs);
  const next: IpvsState = {
    ...state,
    model,
    written,
    claims,
    members: sets.members,
    abandoned,
    terminating: last.terminating,
  };
  const addrOf = addrReader(pairs);
  return {
    state: next,
    operations: [
      ...servers.changes,
      ...sets.bound.come.map((text) => ({ kind: "bind", addr: addrOf(text) }) as const),
      ...sets.operations,
      ...sets.bound.gone.map((text) => ({ kind: "unbind", addr: addrOf(text) }) as const),
      ...last.deletions,
    ],
    text: printIpvsRestore({ rules: restoreRules(next) }, state.printMark),
  };
}

/** What a look at the real servers on their way out gives; kube-proxy takes one each minute. */
export function expireIpvs(
  state: IpvsState,
  connections: CountConnections,
): { readonly state: IpvsState; readonly operations: readonly IpvsOperation[] } {
  const servers = new Map(ipvsServersOf(state).map((s) => [virtualServerKey(s), s]));
  const { operations, terminating } = expireReals(
    state.terminating,
    (key) => servers.get(key),
    connections,
  );
  return { state: { ...state, terminating }, operations };
}

/** Everything the kernel holds for a state, as one value. */
export function ipvsRulesOf(state: IpvsState): IpvsProxyRules {
  const { settings, node, written } = state;
  const rules = ipvsRulesFrom(written.values, { settings, node });
  return { ...rules, virtualServers: ipvsServersOf(state, rules.virtualServers) };
}

function ipvsServersOf(
  { settings, node, written, abandoned, terminating }: IpvsState,
  wanted: readonly VirtualServer[] = ipvsRulesFrom(written.values, {
    settings,
    node,
  }).virtualServers,
): readonly VirtualServer[] {
  if (abandoned.size === 0 && terminating.size === 0) return wanted;
  const withLeaving = wanted.map((server) => {
    const leaving = terminating.get(virtualServerKey(server));
    return leaving === undefined ? server : withReals(server, [...server.realServers, ...leaving]);
  });
  return [...withLeaving, ...abandoned.values()];
}

function withReals(server: VirtualServer, realServers: readonly RealServer[]): VirtualServer {
  return { ...server, realServers };
}

/** A Service before and after. */
interface Pair {
  readonly before: IpvsService | undefined;
  readonly after: IpvsService | undefined;
}

function replaceWritten(
  state: IpvsState,
  model: ProxyModel,
  changed: ReadonlySet<string> | undefined,
): { readonly written: SortedTable<IpvsService>; readonly pairs: readonly Pair[] } {
  const options = ipvsEmitOptions(state);
  const pairs: Pair[] = [];
  const entries = new Map<string, IpvsService | undefined>();
  const renew = (service: string, now: ServiceState | undefined) => {
    const before = state.written.get(service);
    const after = emitIfServed(now, options);
    if (before === undefined && after === undefined) return;
    entries.set(service, after);
    pairs.push({ before, after });
  };
  if (changed === undefined) for (const now of model.services.values) renew(now.service, now);
  else for (const service of [...changed].sort(byText)) renew(service, model.services.get(service));
  return { written: state.written.with(entries), pairs };
}

function emitIfServed(
  now: ServiceState | undefined,
  options: IpvsEmitOptions,
): IpvsService | undefined {
  return now === undefined || now.ports.length === 0 ? undefined : emitIpvsService(now, options);
}

/** Each Service counts once, however often it names a server. */
function changeClaims(claims: Tally, pairs: readonly Pair[]): Tally {
  const keys = (service: IpvsService | undefined) => [
    ...new Set(service?.virtualServers.map(virtualServerKey)),
  ];
  const removed = pairs.flatMap(({ before }) => keys(before));
  return changeTally(
    claims,
    removed,
    pairs.flatMap(({ after }) => keys(after)),
  ).tally;
}

/** Whether two Services want one virtual server, before or after. */
function hasContest({ claims: before }: IpvsState, after: Tally): boolean {
  const anyTwice = (tally: Tally) => {
    for (const count of tally.values()) if (count > 1) return true;
    return false;
  };
  return anyTwice(after) || (before !== after && anyTwice(before));
}

/** Virtual servers that may be different, in order of Services; the later of two wins. */
function serverChanges(
  state: IpvsState,
  written: SortedTable<IpvsService>,
  { pairs, contested }: { readonly pairs: readonly Pair[]; readonly contested: boolean },
): readonly ServerChange[] {
  const gather = (services: readonly (IpvsService | undefined)[]) => {
    const servers = new Map<string, VirtualServer>();
    for (const service of services) {
      for (const server of service?.virtualServers ?? []) {
        servers.set(virtualServerKey(server), server);
      }
    }
    return servers;
  };
  const before = gather(contested ? state.written.values : pairs.map((p) => p.before));
  const after = gather(contested ? written.values : pairs.map((p) => p.after));
  const changes: ServerChange[] = [];
  for (const [key, server] of after) {
    changes.push({ before: before.get(key) ?? state.abandoned.get(key), after: server });
  }
  for (const [key, server] of before) {
    if (!after.has(key)) changes.push({ before: server, after: undefined });
  }
  return changes;
}

/** What nobody wants is deleted, unless it stands in a CIDR that is left alone. */
function partGone(
  { abandoned: before, settings }: IpvsState,
  changes: readonly ServerChange[],
): {
  readonly abandoned: ReadonlyMap<string, VirtualServer>;
  readonly deleted: readonly ServerChange[];
} {
  const excluded = settings.ipvs.excludeCIDRs.map((cidr) => parsePrefix(cidr));
  const abandoned = new Map(before);
  const deleted: ServerChange[] = [];
  for (const change of changes) {
    const server = (change.after ?? change.before) as VirtualServer;
    const isLeftAlone = excluded.some((prefix) => prefix.contains(server.addr));
    if (change.after !== undefined) abandoned.delete(virtualServerKey(server));
    else if (isLeftAlone) abandoned.set(virtualServerKey(server), server);
    else deleted.push(change);
  }
  return { abandoned, deleted };
}

function addrReader(pairs: readonly Pair[]): (text: string) => Addr {
  const addrs = new Map<string, Addr>();
  for (const { before, after } of pairs) {
    for (const addr of [...(before?.bound ?? []), ...(after?.bound ?? [])]) {
      addrs.set(addr.toString(), addr);
    }
  }
  return (text) => addrs.get(text) as Addr;
}

/** Members of the sets; those of `ipvsIPs` are the addresses on the dummy device. */
function changeSets(
  state: IpvsState,
  pairs: readonly Pair[],
): {
  readonly members: IpvsState["members"];
  readonly bound: TallyChange;
  readonly operations: readonly IpvsOperation[];
} {
  const before = gatherMembers(pairs.map((p) => p.before));
  const after = gatherMembers(pairs.map((p) => p.after));
  const members = new Map(state.members);
  const operations: IpvsOperation[] = [];
  let bound: TallyChange = { tally: EMPTY_TALLY, come: [], gone: [] };
  for (const key of SET_KEYS) {
    const old = members.get(key) ?? EMPTY_TALLY;
    const change = changeTally(old, before.get(key) ?? [], after.get(key) ?? []);
    if (key === "ipvsIPs") bound = change;
    if (change.tally === old) continue;
    members.set(key, change.tally);
    const set = setName(key, state.settings.family);
    for (const entry of change.gone) operations.push({ kind: "delete-entry", set, entry });
    for (const entry of change.come) operations.push({ kind: "add-entry", set, entry });
  }
  return { members, bound, operations };
}

function gatherMembers(services: readonly (IpvsService | undefined)[]): Map<SetKey, string[]> {
  const lists = new Map<SetKey, string[]>(SET_KEYS.map((key) => [key, []]));
  for (const service of services) {
    for (const [key, entry] of service?.members ?? []) lists.get(key)?.push(entry);
    for (const addr of service?.bound ?? []) lists.get("ipvsIPs")?.push(addr.toString());
  }
  return lists;
}

function restoreRules({ settings, written, members }: IpvsState): IpvsProxyRules["rules"] {
  const filled = new Set(SET_KEYS.filter((key) => (members.get(key)?.size ?? 0) > 0));
  const outFilter = written.values.flatMap((s) => s.outFilter);
  return ipvsRules({ settings, filled, outFilter });
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
