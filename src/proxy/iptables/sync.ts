/**
 * One run of kube-proxy's iptables sync as a value: what was known and done before, and the objects
 * now, give the text that is sent, what is remembered, and what happens besides.
 *
 *   model before ─┐                       ┌─▶ restore input
 *   model now ────┼─▶ which Services ─▶ ──┼─▶ chains that exist afterwards
 *   chains, clock ┘    changed            └─▶ state for the next run
 */
import { planOnNode } from "../choose/plan.js";
import { type MarkPrinter, printPaddedMark } from "../mark.js";
import { changedServices, endpointsOf, type ProxyModel, type ServiceState } from "../model.js";
import { isServiceChain } from "../name/chain-names.js";
import type { ProxyNode, ProxySettings } from "../settings.js";
import { SortedTable } from "../sorted-table.js";
import {
  emitOptions,
  FILTER_CHAINS,
  hasLocalhostNodePorts,
  isLargeCluster,
  NAT_CHAINS,
} from "./compile.js";
import type { EmitOptions } from "./port-rules.js";
import { printDeclarations, printPlaced } from "./restore-text.js";
import { type StaticRules, staticRules } from "./static-rules.js";
import { type WrittenPort, writePort } from "./write-port.js";

/** What stands in the kernel for the ports of one Service. */
export interface WrittenService {
  readonly ports: readonly WrittenPort[];
  readonly filter: string;
  readonly nat: string;
  readonly chains: string;
  readonly rules: string;
  /** Lines of `nat` and `rules`. */
  readonly natCount: number;
  readonly noLocal: { readonly internal: number; readonly external: number };
}

/** What a proxy remembers between runs. */
export interface IptablesState {
  /** Undefined before the first successful run. */
  readonly model: ProxyModel | undefined;
  readonly node: ProxyNode;
  readonly settings: ProxySettings;
  /** By `ns/name`. */
  readonly written: SortedTable<WrittenService>;
  /** Service chains in the kernel that belong to no Service port any more. */
  readonly leftovers: ReadonlySet<string>;
  readonly needFullSync: boolean;
  readonly lastFullSyncUs: number;
  readonly lastCleanupUs: number;
  /** How marks are written. */
  readonly printMark: MarkPrinter;
}

/** What one run sends and finds. */
export interface IptablesSync {
  readonly state: IptablesState;
  readonly kind: "full" | "partial";
  /** Input of `iptables-restore`. */
  readonly text: string;
  readonly deletedChains: readonly string[];
  /** Lines of nat rules that the kernel holds afterwards, as kube-proxy counts them. */
  readonly natRulesTotal: number;
  /** Service ports refused for want of a local endpoint (`sync_proxy_rules_no_local_endpoints_total`). */
  readonly noLocalEndpoints: { readonly internal: number; readonly external: number };
}

/** What a run is told besides the objects. */
export interface IptablesSyncOptions {
  readonly nowUs: number;
  /** Somebody flushed the tables, a node label changed: write everything. */
  readonly full?: boolean;
}

/** `syncPeriod`: least time between looks for stale chains in a large cluster. */
const SYNC_PERIOD_US = 30_000_000;

/** A full sync is due when the last one is older (pkg/proxy/util/utils.go `FullSyncPeriod`). */
const FULL_SYNC_PERIOD_US = 3_600_000_000;

/** The state of a proxy that has not run yet; `leftovers` are chains found in the nat table. */
export function startIptables(
  settings: ProxySettings,
  node: ProxyNode,
  {
    printMark = printPaddedMark,
    leftovers = NO_CHAINS,
  }: { readonly printMark?: MarkPrinter; readonly leftovers?: ReadonlySet<string> } = {},
): IptablesState {
  return {
    model: undefined,
    node,
    settings,
    written: SortedTable.of(new Map()),
    leftovers,
    needFullSync: true,
    lastFullSyncUs: 0,
    lastCleanupUs: Number.NEGATIVE_INFINITY,
    printMark,
  };
}

/**
 * Runs one sync.
 *
 * Shape: the rules that result depend on the objects only; the text depends on what was there.
 * Laws: applying every text in turn leaves what a first full sync writes, save for comments written
 * before or after the cluster became large (test/property/proxy/iptables-sync.prop.test.ts).
 * Follows: Kubernetes v1.35.4 pkg/proxy/iptables/proxier.go `syncProxyRules`.
 * Cost: linear in Service ports for the text of the shared chains, else in what changed.
 */
export function syncIptables(
  state: IptablesState,
  model: ProxyModel,
  { nowUs, full = false }: IptablesSyncOptions,
): IptablesSync {
  const doFull = full || state.needFullSync || nowUs - state.lastFullSyncUs > FULL_SYNC_PERIOD_US;
  const changed =
    doFull || state.model === undefined ? undefined : changedServices(state.model, model);
  const cleanUp = !isLargeCluster(model) || nowUs - state.lastCleanupUs > SYNC_PERIOD_US;
  const { written, leftovers } = replaceWritten(state, model, changed);
  const stale = cleanUp ? [...leftovers].filter(isServiceChain).sort(byName) : [];
  const fixed = staticRules(state.settings, state.node);
  return {
    state: {
      ...state,
      model,
      written,
      leftovers: cleanUp ? NO_CHAINS : leftovers,
      needFullSync: false,
      lastFullSyncUs: doFull ? nowUs : state.lastFullSyncUs,
      lastCleanupUs: cleanUp ? nowUs : state.lastCleanupUs,
    },
    kind: doFull ? "full" : "partial",
    text: writeText(state, { fixed, written, changed, stale }),
    deletedChains: stale,
    natRulesTotal: sum(written, (s) => s.natCount) + fixed.natHead.length + fixed.natTail.length,
    noLocalEndpoints: {
      internal: sum(written, (s) => s.noLocal.internal),
      external: sum(written, (s) => s.noLocal.external),
    },
  };
}

function sum(
  written: SortedTable<WrittenService>,
  count: (service: WrittenService) => number,
): number {
  let total = 0;
  for (const service of written.values) total += count(service);
  return total;
}

/** The state after a restore that failed: what changed is forgotten, so the next sync is full. */
export function failIptables(before: IptablesState, attempted: IptablesSync): IptablesState {
  const { model } = attempted.state;
  return { ...before, model, needFullSync: true };
}

const NO_CHAINS: ReadonlySet<string> = new Set();

function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What the kernel holds once this run's text is applied, before stale chains are deleted. */
function replaceWritten(
  state: IptablesState,
  model: ProxyModel,
  changed: ReadonlySet<string> | undefined,
): Pick<IptablesState, "written" | "leftovers"> {
  const options = emitOptions(state.settings, state.node, isLargeCluster(model));
  const isFirst = state.written.keys.length === 0;
  const leftovers = new Set(state.leftovers);
  const changes = new Map<string, WrittenService | undefined>();
  const renew = (service: string, now: ServiceState | undefined) => {
    const made =
      now === undefined || now.ports.length === 0 ? undefined : writeService(now, state, options);
    changes.set(service, made);
    const old = isFirst ? undefined : state.written.get(service);
    for (const { chains } of old?.ports ?? []) for (const name of chains) leftovers.add(name);
    return made?.ports ?? [];
  };
  const ports =
    changed === undefined
      ? allStates(state, model).flatMap(([service, now]) => renew(service, now))
      : [...changed].flatMap((service) => renew(service, model.services.get(service)));
  if (leftovers.size > 0) {
    for (const { chains } of ports) for (const name of chains) leftovers.delete(name);
  }
  const written = isFirst ? SortedTable.of(onlyThere(changes)) : state.written.with(changes);
  return { written, leftovers };
}

/** Every name that is there now or was written before. */
function allStates(
  { written }: IptablesState,
  { services }: ProxyModel,
): readonly (readonly [string, ServiceState | undefined])[] {
  const gone = written.keys.filter((key) => services.get(key) === undefined);
  return [
    ...gone.map((key) => [key, undefined] as const),
    ...services.values.map((state) => [state.service, state] as const),
  ];
}

function onlyThere<V>(changes: ReadonlyMap<string, V | undefined>): Map<string, V> {
  const there = new Map<string, V>();
  for (const [key, value] of changes) if (value !== undefined) there.set(key, value);
  return there;
}

function writeService(
  service: ServiceState,
  { node }: IptablesState,
  options: EmitOptions,
): WrittenService {
  const ports = service.ports.map((port) =>
    writePort(planOnNode(port, endpointsOf(service, port), node), options),
  );
  const refused = (which: "internalRefusal" | "externalRefusal") =>
    ports.filter(({ plan }) => plan[which] === "no local endpoints").length;
  return {
    ports,
    filter: ports.map((p) => p.text.filter).join(""),
    nat: ports.map((p) => p.text.nat).join(""),
    chains: ports.map((p) => p.text.chains).join(""),
    rules: ports.map((p) => p.text.rules).join(""),
    natCount: ports.reduce((n, p) => n + p.text.natCount + p.text.ruleCount, 0),
    noLocal: { internal: refused("internalRefusal"), external: refused("externalRefusal") },
  };
}

function writeText(
  { settings, node, printMark }: IptablesState,
  what: {
    readonly fixed: StaticRules;
    readonly written: SortedTable<WrittenService>;
    readonly changed: ReadonlySet<string> | undefined;
    readonly stale: readonly string[];
  },
): string {
  const { fixed, written, changed, stale } = what;
  const filterChains = hasLocalhostNodePorts(settings, node)
    ? [...FILTER_CHAINS, "KUBE-FIREWALL"]
    : FILTER_CHAINS;
  const firewall = fixed.firewall.map((rule) => ({ chain: "KUBE-FIREWALL", rule }));
  const filter = ["*filter\n", printDeclarations(filterChains), printPlaced(firewall, printMark)];
  const chains = ["*nat\n", printDeclarations(NAT_CHAINS)];
  const nat = [printPlaced(fixed.natHead, printMark)];
  for (let i = 0; i < written.keys.length; i++) {
    const service = written.values[i] as WrittenService;
    if (service.filter !== "") filter.push(service.filter);
    nat.push(service.nat);
    if (changed !== undefined && !changed.has(written.keys[i] as string)) continue;
    chains.push(service.chains);
    nat.push(service.rules);
  }
  filter.push(printPlaced(fixed.filterTail, printMark), "COMMIT\n");
  chains.push(printDeclarations(stale));
  nat.push(stale.map((name) => `-X ${name}\n`).join(""));
  nat.push(printPlaced(fixed.natTail, printMark), "COMMIT\n");
  return [...filter, ...chains, ...nat].join("");
}
