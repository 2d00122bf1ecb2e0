/**
 * One run of kube-proxy's nftables sync as a value. Unlike iptables mode everything is one
 * transaction, written as differences to what is known to be there; chains that fell out of use are
 * emptied at once and deleted by a later run, since kernels before 6.2 count references late.
 */

import { type MarkPrinter, printPaddedMark } from "../mark.js";
import { PortMemo } from "../memo.js";
import { changedServices, type ProxyModel } from "../model.js";
import type { ProxyNode, ProxySettings } from "../settings.js";
import { compileNftPorts } from "./compile.js";
import { changeElements, type ElementState, NO_ELEMENTS } from "./elements.js";
import { type NftProxyElement, printOperation, tableName } from "./object.js";
import type { NftPortRules } from "./port-rules.js";
import { type NftPortText, printNftPort } from "./port-text.js";
import type { NftPrintOptions } from "./rule.js";
import { setupOperations } from "./setup.js";
import { type TransactionParts, writeElements, writeTidying } from "./transaction.js";

/** Results kept between runs. They change no answer. */
export class NftMemo {
  readonly rules = new PortMemo<NftPortRules>();
  readonly texts = new WeakMap<NftPortRules, NftPortText>();
}

/** What stands in the kernel for one Service port. */
export interface NftWritten {
  readonly rules: NftPortRules;
  /** Sets that live on with the timeout they were made with. */
  readonly keptTimeouts: ReadonlyMap<string, number>;
}

/** What a proxy knows of the table between runs. */
export interface NftablesState {
  readonly model: ProxyModel | undefined;
  readonly node: ProxyNode;
  readonly settings: ProxySettings;
  /** By key of the Service port. */
  readonly written: ReadonlyMap<string, NftWritten>;
  readonly elements: ElementState;
  /** Empty chains to be deleted, with the time they were last emptied. */
  readonly stale: ReadonlyMap<string, number>;
  /** What a former kube-proxy left; looked at once. */
  readonly found: FoundTable;
  readonly needFullSync: boolean;
  readonly lastFullSyncUs: number;
  readonly memo: NftMemo;
  readonly printMark: MarkPrinter;
}

/** Names in a table that another run of kube-proxy left. */
export interface FoundTable {
  readonly chains: ReadonlySet<string>;
  readonly affinitySets: ReadonlySet<string>;
}

/** What one run sends. */
export interface NftablesSync {
  readonly state: NftablesState;
  readonly kind: "full" | "partial";
  /** Deletes chains that fell out of use long enough ago; empty, or sent first. */
  readonly cleanup: string;
  /** Input of `nft -f`. */
  readonly text: string;
  /** Operations in `text`. */
  readonly operations: number;
  /** Service ports refused for want of a local endpoint. */
  readonly noLocalEndpoints: { readonly internal: number; readonly external: number };
}

/** Stale chains are deleted when older than this. */
const STALE_US = 1_000_000;

/** A full sync is due when the last one is older (pkg/proxy/util/utils.go `FullSyncPeriod`). */
const FULL_SYNC_PERIOD_US = 3_600_000_000;

const NOTHING_FOUND: FoundTable = { chains: new Set(), affinitySets: new Set() };

/** The state of a proxy that has not run yet. */
export function startNftables(
  settings: ProxySettings,
  node: ProxyNode,
  options: {
    readonly printMark?: MarkPrinter;
    readonly found?: FoundTable;
    readonly elements?: readonly NftProxyElement[];
  } = {},
): NftablesState {
  const { printMark = printPaddedMark, found = NOTHING_FOUND, elements = [] } = options;
  return {
    model: undefined,
    node,
    settings,
    written: new Map(),
    elements: changeElements(NO_ELEMENTS, [{ before: [], after: elements }], () => elements).state,
    stale: new Map(),
    found,
    needFullSync: true,
    lastFullSyncUs: 0,
    memo: new NftMemo(),
    printMark,
  };
}

/**
 * Runs one sync.
 *
 * Shape: what the table holds for Services depends on the objects only; the text is the difference.
 * Laws: applying every text in turn gives `printNftTable` of the state
 * (test/property/proxy/nftables-sync.prop.test.ts).
 * Follows: Kubernetes v1.35.4 pkg/proxy/nftables/proxier.go `syncProxyRules`.
 * Cost: one look at each Service port, else what changed.
 */
export function syncNftables(
  state: NftablesState,
  model: ProxyModel,
  { nowUs, full = false }: { readonly nowUs: number; readonly full?: boolean },
): NftablesSync {
  const { node, settings, memo } = state;
  const first = state.model === undefined;
  const doFull =
    full || first || state.needFullSync || nowUs - state.lastFullSyncUs > FULL_SYNC_PERIOD_US;
  const changed =
    doFull || state.model === undefined ? undefined : changedServices(state.model, model);
  const ports = compileNftPorts({ model, node, settings, memo: memo.rules });
  const aged = [...state.stale].filter(([, since]) => since < nowUs - STALE_US).map(([n]) => n);
  const replaced = replaceWritten({ state, ports, changed, aged });
  const { rewritten, written, idle, goneSets } = replaced;
  const elements = changeElements(state.elements, replaced.elements, () =>
    ports.flatMap((p) => p.elements),
  );
  const parts: TransactionParts = {
    rewritten: elements.state.contested || state.elements.contested ? ports : rewritten,
    before: state.elements,
    after: elements.state,
  };
  const options: NftPrintOptions = { family: settings.family, printMark: state.printMark };
  const setup = doFull ? setupOperations(settings, node, first) : [];
  const pieces = [
    { text: setup.map((o) => printOperation(o, options)).join(""), operations: setup.length },
    ...writePorts(state, { rewritten: new Set(rewritten), parts, options }),
    writeTidying({ idle, goneSets, removed: elements.removed }, settings.family),
  ];
  return {
    state: {
      ...state,
      model,
      written,
      elements: elements.state,
      stale: new Map(idle.map((name) => [name, nowUs])),
      found: NOTHING_FOUND,
      needFullSync: false,
      lastFullSyncUs: doFull ? nowUs : state.lastFullSyncUs,
    },
    kind: doFull ? "full" : "partial",
    cleanup: aged.map((n) => `delete chain ${tableName(settings.family)} ${n}\n`).join(""),
    text: pieces.map((p) => p.text).join(""),
    operations: pieces.reduce((sum, p) => sum + p.operations, 0),
    noLocalEndpoints: {
      internal: ports.filter((p) => p.plan.internalRefusal === "no local endpoints").length,
      external: ports.filter((p) => p.plan.externalRefusal === "no local endpoints").length,
    },
  };
}

function writePorts(
  state: NftablesState,
  what: {
    readonly rewritten: ReadonlySet<NftPortRules>;
    readonly parts: TransactionParts;
    readonly options: NftPrintOptions;
  },
): { readonly text: string; readonly operations: number }[] {
  const { rewritten, parts, options } = what;
  const done = new Set<string>();
  return parts.rewritten.flatMap((port) => {
    const elements = writeElements(port, parts, { done, family: options.family });
    if (!rewritten.has(port)) return [elements];
    const text = textOf(port, state, options);
    return [text.chains, elements, text.firewall, text.rules];
  });
}

function textOf(port: NftPortRules, state: NftablesState, options: NftPrintOptions): NftPortText {
  const { found, memo } = state;
  if (found.chains.size > 0) return printNftPort(port, options, presentChains(port, found));
  const known = memo.texts.get(port);
  if (known !== undefined) return known;
  const text = printNftPort(port, options);
  memo.texts.set(port, text);
  return text;
}

/** Endpoint chains that an earlier kube-proxy left and that need no rewriting. */
function presentChains(port: NftPortRules, found: FoundTable): ReadonlySet<string> {
  const sticky = port.affinitySets.length > 0;
  const present = port.chains.filter(({ name }) => {
    if (!name.startsWith("endpoint-") || !found.chains.has(name)) return false;
    return found.affinitySets.has(name.replace(/^endpoint-/, "affinity-")) === sticky;
  });
  return new Set(present.map(({ name }) => name));
}

interface Replaced {
  readonly written: ReadonlyMap<string, NftWritten>;
  readonly rewritten: readonly NftPortRules[];
  /** Chains that exist and are not used, sorted. */
  readonly idle: readonly string[];
  readonly goneSets: readonly string[];
  readonly elements: readonly {
    readonly before: readonly NftProxyElement[];
    readonly after: readonly NftProxyElement[];
  }[];
}

/** What changes for Service ports, and which chains and sets fall out of use by it. */
function replaceWritten(what: {
  readonly state: NftablesState;
  readonly ports: readonly NftPortRules[];
  readonly changed: ReadonlySet<string> | undefined;
  readonly aged: readonly string[];
}): Replaced {
  const { state, ports, changed, aged } = what;
  const written = new Map<string, NftWritten>();
  const rewritten: NftPortRules[] = [];
  const before = new Map(state.written);
  const idle = new Set([...state.stale.keys(), ...state.found.chains]);
  for (const name of aged) idle.delete(name);
  const sets = new Set(state.found.affinitySets);
  const elements: { before: readonly NftProxyElement[]; after: readonly NftProxyElement[] }[] = [];
  for (const port of ports) {
    const { key, service } = port.plan.port;
    const old = before.get(key);
    before.delete(key);
    if (old !== undefined && changed !== undefined && !changed.has(service)) {
      written.set(key, old);
      continue;
    }
    rewritten.push(port);
    for (const name of old === undefined ? [] : chainNames(old.rules)) idle.add(name);
    for (const { name } of old?.rules.affinitySets ?? []) sets.add(name);
    elements.push({ before: old?.rules.elements ?? [], after: port.elements });
    written.set(key, { rules: port, keptTimeouts: keepTimeouts(old, port) });
  }
  for (const { rules } of before.values()) {
    for (const name of chainNames(rules)) idle.add(name);
    for (const { name } of rules.affinitySets) sets.add(name);
    elements.push({ before: rules.elements, after: [] });
  }
  for (const port of rewritten) {
    for (const name of chainNames(port)) idle.delete(name);
    for (const { name } of port.affinitySets) sets.delete(name);
  }
  return {
    written,
    rewritten,
    idle: [...idle].sort(byName),
    goneSets: [...sets].sort(byName),
    elements,
  };
}

function chainNames({ chains, firewall }: NftPortRules): string[] {
  const names = chains.map(({ name }) => name);
  return firewall === undefined ? names : [...names, firewall.name];
}

/** Adding a set that is there changes nothing about it. */
function keepTimeouts(old: NftWritten | undefined, port: NftPortRules): Map<string, number> {
  const kept = new Map<string, number>();
  if (old === undefined || port.affinitySets.length === 0) return kept;
  const had = new Map(
    old.rules.affinitySets.map((s) => [s.name, old.keptTimeouts.get(s.name) ?? s.timeoutSeconds]),
  );
  for (const { name, timeoutSeconds } of port.affinitySets) {
    const timeout = had.get(name);
    if (timeout !== undefined && timeout !== timeoutSeconds) kept.set(name, timeout);
  }
  return kept;
}

function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
