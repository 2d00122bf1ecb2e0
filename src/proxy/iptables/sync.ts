/**
 * One run of kube-proxy's iptables sync as a value: what was known and done before, and the objects
 * now, give the text that is sent, what is remembered, and what happens besides.
 *
 *   model before ─┐                       ┌─▶ restore input
 *   model now ────┼─▶ which Services ─▶ ──┼─▶ chains that exist afterwards
 *   chains, clock ┘    changed            └─▶ state for the next run
 */
import { TextBuffer } from "../../base/index.js";
import { type PortPlan, planOnNode } from "../choose/plan.js";
import { type MarkPrinter, printPaddedMark } from "../mark.js";
import { changedServices, endpointsOf, type ProxyModel, type ServiceState } from "../model.js";
import { isServiceChain } from "../name/chain-names.js";
import { releaseFacts } from "../release.js";
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
import {
  changeShared,
  interleave,
  NO_SHARED_TEXT,
  type SharedLines,
  type SharedText,
} from "./shared-text.js";
import { type StaticRules, staticRules } from "./static-rules.js";
import {
  type ChainBuffers,
  chainNamesOf,
  type PortWriting,
  startPort,
  writeChains,
  writeShared,
} from "./write-port.js";

/** What stands in the kernel for the ports of one Service. */
export interface WrittenService extends SharedLines {
  readonly plans: readonly PortPlan[];
  /** Lines of `nat` and of the Service's own chains. */
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
  /** The lines of `written` in shared chains. */
  readonly shared: SharedText;
  readonly totals: Totals;
  /** Service chains in the kernel that belong to no Service port any more. */
  readonly leftovers: ReadonlySet<string>;
  readonly needFullSync: boolean;
  readonly lastFullSyncUs: number;
  readonly lastCleanupUs: number;
  /** How marks are written. */
  readonly printMark: MarkPrinter;
}

/** Sums over all Services. */
export interface Totals {
  readonly natCount: number;
  readonly noLocal: { readonly internal: number; readonly external: number };
}

const NO_TOTALS: Totals = { natCount: 0, noLocal: { internal: 0, external: 0 } };

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
    shared: NO_SHARED_TEXT,
    totals: NO_TOTALS,
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
  const doFull = full || state.needFullSync || isFullSyncDue(state, nowUs);
  const changed =
    doFull || state.model === undefined ? undefined : changedServices(state.model, model);
  const cleanUp = !isLargeCluster(model) || nowUs - state.lastCleanupUs > SYNC_PERIOD_US;
  const replaced = replaceWritten(state, model, changed);
  const { written, totals, leftovers } = replaced;
  const shared = changeShared(state.shared, written, {
    before: state.written,
    changed: changed === undefined ? undefined : [...changed],
  });
  const stale = cleanUp ? [...leftovers].filter(isServiceChain).sort(byName) : [];
  const fixed = staticRules(state.settings, state.node);
  return {
    state: {
      ...state,
      model,
      written,
      shared,
      totals,
      leftovers: cleanUp ? NO_CHAINS : leftovers,
      needFullSync: false,
      lastFullSyncUs: doFull ? nowUs : state.lastFullSyncUs,
      lastCleanupUs: cleanUp ? nowUs : state.lastCleanupUs,
    },
    kind: doFull ? "full" : "partial",
    text: writeText(state, { fixed, replaced, shared, stale, full: changed === undefined }),
    deletedChains: stale,
    natRulesTotal: totals.natCount + fixed.natHead.length + fixed.natTail.length,
    noLocalEndpoints: totals.noLocal,
  };
}

/** Some releases spare clusters that were large in the run before. */
function isFullSyncDue({ settings, model, lastFullSyncUs }: IptablesState, nowUs: number): boolean {
  const { fullSyncsLargeClusters } = releaseFacts(settings.release);
  if (!fullSyncsLargeClusters && model !== undefined && isLargeCluster(model)) return false;
  return nowUs - lastFullSyncUs > FULL_SYNC_PERIOD_US;
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
interface Replaced extends Pick<IptablesState, "written" | "totals" | "leftovers"> {
  /** The chains of the Services looked at. */
  readonly buffers: ChainBuffers;
  /** Where each of them stands in `buffers.rules`, its lines in shared chains first. */
  readonly places: ReadonlyMap<string, readonly [start: number, end: number]>;
}

function replaceWritten(
  state: IptablesState,
  model: ProxyModel,
  changed: ReadonlySet<string> | undefined,
): Replaced {
  const options = emitOptions(state.settings, state.node, isLargeCluster(model));
  const isFirst = state.written.keys.length === 0;
  const leftovers = new Set(state.leftovers);
  const used: string[] = [];
  const changes = new Map<string, WrittenService | undefined>();
  const places = new Map<string, readonly [number, number]>();
  const buffers = makeBuffers(changed === undefined ? model.endpointCount : 0);
  let { totals } = state;
  const renew = (service: string, now: ServiceState | undefined) => {
    const start = buffers.rules.length;
    const writings = now === undefined ? NOTHING : startService(now, state, options);
    const made = writings.length === 0 ? undefined : writeService(writings, buffers);
    const old = isFirst ? undefined : state.written.get(service);
    changes.set(service, made);
    places.set(service, [start, buffers.rules.length]);
    totals = changeTotals(totals, old, made);
    for (const plan of old?.plans ?? []) {
      for (const name of chainNamesOf(startPort(plan, options))) leftovers.add(name);
    }
    if (!isFirst || leftovers.size > 0) used.push(...writings.flatMap(chainNamesOf));
  };
  if (changed === undefined) {
    for (const [service, now] of allStates(state, model)) renew(service, now);
  } else {
    for (const service of [...changed].sort(byName)) renew(service, model.services.get(service));
  }
  for (const name of used) leftovers.delete(name);
  const written = isFirst ? SortedTable.of(onlyThere(changes)) : state.written.with(changes);
  return { written, totals, leftovers, buffers, places };
}

/** Room for what so many endpoints need as a rule, so that nothing is copied to grow. */
function makeBuffers(endpoints: number): ChainBuffers {
  const room = (bytes: number) => new TextBuffer(FEW_BYTES + endpoints * bytes);
  return { chains: room(CHAIN_BYTES), rules: room(RULE_BYTES) };
}

/** A declaration, and four rules with the dispatch's share. */
const CHAIN_BYTES = 40;
const RULE_BYTES = 360;
const FEW_BYTES = 1 << 16;

const NOTHING: readonly PortWriting[] = [];

function changeTotals(
  { natCount, noLocal }: Totals,
  before: Totals = NO_TOTALS,
  after: Totals = NO_TOTALS,
): Totals {
  return {
    natCount: natCount - before.natCount + after.natCount,
    noLocal: {
      internal: noLocal.internal - before.noLocal.internal + after.noLocal.internal,
      external: noLocal.external - before.noLocal.external + after.noLocal.external,
    },
  };
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

function startService(
  service: ServiceState,
  { node }: IptablesState,
  options: EmitOptions,
): readonly PortWriting[] {
  return service.ports.map((port) =>
    startPort(planOnNode(port, endpointsOf(service, port), node), options),
  );
}

/** The dispatch of all ports comes before their chains. */
function writeService(writings: readonly PortWriting[], buffers: ChainBuffers): WrittenService {
  const { rules } = buffers;
  const shared = writings.map(writeShared);
  const nat = join(shared, "nat");
  const first = rules.lineCount;
  rules.lines(
    nat,
    shared.reduce((sum, { natCount }) => sum + natCount, 0),
  );
  for (const writing of writings) writeChains(writing, buffers);
  const plans = writings.map(({ plan }) => plan);
  const refused = (which: "internalRefusal" | "externalRefusal") =>
    plans.filter((plan) => plan[which] === "no local endpoints").length;
  return {
    plans,
    filter: join(shared, "filter"),
    nat,
    natCount: rules.lineCount - first,
    noLocal: { internal: refused("internalRefusal"), external: refused("externalRefusal") },
  };
}

function join(texts: readonly SharedLines[], which: keyof SharedLines): string {
  const [only] = texts;
  if (texts.length === 1 && only !== undefined) return only[which];
  return texts.map((text) => text[which]).join("");
}

function writeText(
  { settings, node, printMark }: IptablesState,
  what: {
    readonly fixed: StaticRules;
    readonly replaced: Replaced;
    readonly shared: SharedText;
    readonly stale: readonly string[];
    readonly full: boolean;
  },
): string {
  const { fixed, replaced, shared, stale, full } = what;
  const { buffers, written } = replaced;
  const filterChains = hasLocalhostNodePorts(settings, node)
    ? [...FILTER_CHAINS, "KUBE-FIREWALL"]
    : FILTER_CHAINS;
  const firewall = fixed.firewall.map((rule) => ({ chain: "KUBE-FIREWALL", rule }));
  return [
    "*filter\n",
    printDeclarations(filterChains),
    printPlaced(firewall, printMark),
    ...shared.blocks.map((block) => block.filter),
    printPlaced(fixed.filterTail, printMark),
    "COMMIT\n*nat\n",
    printDeclarations(NAT_CHAINS),
    buffers.chains.text(),
    printDeclarations(stale),
    printPlaced(fixed.natHead, printMark),
    full ? buffers.rules.text() : interleave(shared, written, textsOf(replaced)),
    stale.map((name) => `-X ${name}\n`).join(""),
    printPlaced(fixed.natTail, printMark),
    "COMMIT\n",
  ].join("");
}

/** What is written of each Service that is there. */
function textsOf({ buffers, places, written }: Replaced): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const [name, [start, end]] of places) {
    if (written.get(name) !== undefined) texts.set(name, buffers.rules.text(start, end));
  }
  return texts;
}
