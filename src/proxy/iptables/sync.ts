/**
 * One run of kube-proxy's iptables sync as a value: what was known and done before, and the objects
 * now, give the text that is sent, what is remembered, and what happens besides.
 *
 *   model before ─┐                       ┌─▶ restore input
 *   model now ────┼─▶ which Services ─▶ ──┼─▶ chains that exist afterwards
 *   chains, clock ┘    changed            └─▶ state for the next run
 */
import { isServiceChain } from "../name/chain-names.js";
import { PortMemo } from "../memo.js";
import { changedServices, type ProxyModel } from "../model.js";
import type { ProxyNode, ProxySettings } from "../settings.js";
import { compilePorts, FILTER_CHAINS, hasLocalhostNodePorts, NAT_CHAINS } from "./compile.js";
import type { PortRules } from "./port-rules.js";
import { type MarkPrinter, printPaddedMark } from "../mark.js";
import { type PortText, printDeclarations, printPlaced, printPort } from "./restore-text.js";
import { staticRules } from "./static-rules.js";

/** Results kept between runs. They change no answer. */
export class IptablesMemo {
  readonly rules = new PortMemo<PortRules>();
  readonly texts = new WeakMap<PortRules, PortText>();
}

/** What a proxy remembers between runs. */
export interface IptablesState {
  /** Undefined before the first successful run. */
  readonly model: ProxyModel | undefined;
  readonly node: ProxyNode;
  readonly settings: ProxySettings;
  /** What stands in the kernel for each Service port, by its key. */
  readonly written: ReadonlyMap<string, PortRules>;
  /** Service chains in the kernel that belong to no Service port any more. */
  readonly leftovers: ReadonlySet<string>;
  readonly needFullSync: boolean;
  readonly lastFullSyncUs: number;
  readonly lastCleanupUs: number;
  readonly memo: IptablesMemo;
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

/** More endpoints than this is a large cluster. */
const LARGE_CLUSTER_ENDPOINTS = 1000;

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
    written: new Map(),
    leftovers,
    needFullSync: true,
    lastFullSyncUs: 0,
    lastCleanupUs: Number.NEGATIVE_INFINITY,
    memo: new IptablesMemo(),
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
  const { node, settings, memo } = state;
  const doFull = full || state.needFullSync || nowUs - state.lastFullSyncUs > FULL_SYNC_PERIOD_US;
  const changed =
    doFull || state.model === undefined ? undefined : changedServices(state.model, model);
  const ports = compilePorts({ model, node, settings, memo: memo.rules });
  const large = model.endpointCount > LARGE_CLUSTER_ENDPOINTS;
  const cleanUp = !large || nowUs - state.lastCleanupUs > SYNC_PERIOD_US;
  const { written, leftovers } = replaceWritten(state, ports, changed);
  const stale = cleanUp ? [...leftovers].filter(isServiceChain).sort(byName) : [];
  const output = writeSync(state, ports, { changed, stale });
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
    deletedChains: stale,
    noLocalEndpoints: {
      internal: ports.filter((p) => p.plan.internalRefusal === "no local endpoints").length,
      external: ports.filter((p) => p.plan.externalRefusal === "no local endpoints").length,
    },
    ...output,
  };
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
  ports: readonly PortRules[],
  changed: ReadonlySet<string> | undefined,
): Pick<IptablesState, "written" | "leftovers"> {
  const written = new Map<string, PortRules>();
  const leftovers = new Set(state.leftovers);
  const before = new Map(state.written);
  for (const port of ports) {
    const { key, service } = port.plan.port;
    const old = before.get(key);
    before.delete(key);
    const rewritten = old === undefined || changed === undefined || changed.has(service);
    written.set(key, rewritten ? port : old);
    if (!rewritten || old === port) continue;
    for (const { name } of old?.chains ?? []) leftovers.add(name);
    for (const { name } of port.chains) leftovers.delete(name);
  }
  for (const { chains } of before.values()) for (const { name } of chains) leftovers.add(name);
  return { written, leftovers };
}

function writeSync(
  { settings, node, memo, printMark }: IptablesState,
  ports: readonly PortRules[],
  what: { readonly changed: ReadonlySet<string> | undefined; readonly stale: readonly string[] },
): Pick<IptablesSync, "text" | "natRulesTotal"> {
  const fixed = staticRules(settings, node);
  const filter: string[] = [printPlaced(firewallRules(fixed.firewall), printMark)];
  const nat: string[] = [printPlaced(fixed.natHead, printMark)];
  const natChains: string[] = [printDeclarations(NAT_CHAINS)];
  let natRulesTotal = fixed.natHead.length + fixed.natTail.length;
  for (const port of ports) {
    const text = textOf(port, memo, printMark);
    filter.push(text.filter);
    nat.push(text.nat);
    natRulesTotal += text.natCount + text.ruleCount;
    if (what.changed !== undefined && !what.changed.has(port.plan.port.service)) continue;
    natChains.push(text.chains);
    nat.push(text.rules);
  }
  natChains.push(printDeclarations(what.stale));
  nat.push(what.stale.map((name) => `-X ${name}\n`).join(""));
  nat.push(printPlaced(fixed.natTail, printMark));
  filter.push(printPlaced(fixed.filterTail, printMark));
  const filterChains = hasLocalhostNodePorts(settings, node)
    ? [...FILTER_CHAINS, "KUBE-FIREWALL"]
    : FILTER_CHAINS;
  const text =
    `*filter\n${printDeclarations(filterChains)}${filter.join("")}COMMIT\n` +
    `*nat\n${natChains.join("")}${nat.join("")}COMMIT\n`;
  return { text, natRulesTotal };
}

function firewallRules(rules: ReturnType<typeof staticRules>["firewall"]) {
  return rules.map((rule) => ({ chain: "KUBE-FIREWALL", rule }));
}

function textOf(port: PortRules, memo: IptablesMemo, mark: MarkPrinter): PortText {
  const known = memo.texts.get(port);
  if (known !== undefined) return known;
  const text = printPort(port, mark);
  memo.texts.set(port, text);
  return text;
}
