/**
 * One run of kube-proxy's nftables sync as a value. Unlike iptables mode everything is one
 * transaction, written as differences to what is known to be there; chains that fell out of use are
 * emptied at once and deleted by a later run, since kernels before 6.2 count references late.
 */
import { TextBuffer } from "../../base/index.js";
import { planOnNode } from "../choose/plan.js";
import { type MarkPrinter, printPaddedMark } from "../mark.js";
import { changedServices, endpointsOf, type ProxyModel, type ServiceState } from "../model.js";
import { releaseFacts } from "../release.js";
import type { ProxyNode, ProxySettings } from "../settings.js";
import { SortedTable } from "../sorted-table.js";
import { nftEmitOptions } from "./compile.js";
import {
  changeElements,
  type ElementState,
  NO_ELEMENTS,
  type ServiceElements,
} from "./elements.js";
import { type NftProxyElement, printOperation, tableName } from "./object.js";
import { setupOperations } from "./setup.js";
import type { NftText } from "./write/port-text.js";
import { type TransactionParts, writeElements, writeTidying } from "./write/transaction.js";
import {
  type NftSummary,
  type NftWriteOptions,
  type NftWrittenPort,
  nftChainsOf,
  writeNftPort,
} from "./write/write-port.js";

/** What stands in the kernel for one Service. */
export interface NftWrittenService {
  readonly ports: readonly NftWrittenPort[];
  readonly elements: readonly NftProxyElement[];
  /** Sets that live on with the timeout they were made with. */
  readonly keptTimeouts: ReadonlyMap<string, number>;
  readonly noLocal: { readonly internal: number; readonly external: number };
}

/** What a proxy knows of the table between runs. */
export interface NftablesState {
  readonly model: ProxyModel | undefined;
  readonly node: ProxyNode;
  readonly settings: ProxySettings;
  /** By `ns/name`. */
  readonly written: SortedTable<NftWrittenService>;
  readonly elements: ElementState;
  /** Empty chains to be deleted, with the time they were last emptied. */
  readonly stale: ReadonlyMap<string, number>;
  /** What a former kube-proxy left; looked at once. */
  readonly found: FoundTable;
  readonly needFullSync: boolean;
  readonly lastFullSyncUs: number;
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
    written: SortedTable.of(new Map()),
    elements: changeElements(NO_ELEMENTS, [{ before: [], after: elements }], () => elements).state,
    stale: new Map(),
    found,
    needFullSync: true,
    lastFullSyncUs: 0,
    printMark,
  };
}

/**
 * Runs one sync.
 *
 * Shape: what the table holds for Services depends on the objects only; the text is the difference.
 * Laws: applying every text in turn gives `printNftTable` of the state
 * (test/property/proxy/sync.prop.test.ts).
 * Follows: Kubernetes v1.35.4, v1.36.0 and v1.37.0 pkg/proxy/nftables/proxier.go `syncProxyRules`.
 * Cost: one look at each Service, else what changed.
 */
export function syncNftables(
  state: NftablesState,
  model: ProxyModel,
  { nowUs, full = false }: { readonly nowUs: number; readonly full?: boolean },
): NftablesSync {
  const first = state.model === undefined;
  const doFull =
    full || first || state.needFullSync || nowUs - state.lastFullSyncUs > FULL_SYNC_PERIOD_US;
  const changed =
    doFull || state.model === undefined ? undefined : changedServices(state.model, model);
  const aged = [...state.stale].filter(([, since]) => since < nowUs - STALE_US).map(([n]) => n);
  const replaced = replaceWritten(state, model, changed);
  const idle = idleChains(state, replaced, aged);
  const { elements, pieces } = writeTransaction(state, replaced, { idle, first, doFull });
  const { family } = state.settings;
  return {
    state: {
      ...state,
      model,
      written: replaced.written,
      elements,
      stale: new Map(idle.map((name) => [name, nowUs])),
      found: NOTHING_FOUND,
      needFullSync: false,
      lastFullSyncUs: doFull ? nowUs : state.lastFullSyncUs,
    },
    kind: doFull ? "full" : "partial",
    cleanup: aged.map((name) => `delete chain ${tableName(family)} ${name}\n`).join(""),
    text: pieces.map((p) => p.text).join(""),
    operations: pieces.reduce((sum, p) => sum + p.operations, 0),
    noLocalEndpoints: countNoLocal(replaced.written),
  };
}

/** The state after a transaction that failed: nothing is known of the stale chains any more. */
export function failNftables(before: NftablesState, attempted: NftablesSync): NftablesState {
  const { model } = attempted.state;
  return { ...before, model, stale: new Map(), needFullSync: true };
}

/** Room for what so many endpoints need as a rule, so that nothing is copied to grow. */
const ENDPOINT_BYTES = 640;
const FEW_BYTES = 1 << 16;

interface Replaced {
  /** What is written of the Services looked at. */
  readonly out: TextBuffer;
  readonly written: SortedTable<NftWrittenService>;
  /** Services looked at, before and after. */
  readonly changes: readonly {
    readonly before: NftWrittenService | undefined;
    readonly after: NftWrittenService | undefined;
  }[];
}

function replaceWritten(
  state: NftablesState,
  model: ProxyModel,
  changed: ReadonlySet<string> | undefined,
): Replaced {
  const out = new TextBuffer(FEW_BYTES + (changed ? 0 : model.endpointCount * ENDPOINT_BYTES));
  const options = writeOptions(state);
  const isFirst = state.written.keys.length === 0;
  const entries = new Map<string, NftWrittenService | undefined>();
  const changes: Replaced["changes"][number][] = [];
  const renew = (service: string, now: ServiceState | undefined) => {
    const before = isFirst ? undefined : state.written.get(service);
    const after =
      now === undefined || now.ports.length === 0
        ? undefined
        : writeService(now, state.node, { options, before, out });
    if (before === undefined && after === undefined) return;
    if (!isFirst || after !== undefined) entries.set(service, after);
    changes.push({ before, after });
  };
  if (changed === undefined) {
    for (const key of state.written.keys) {
      if (model.services.get(key) === undefined) renew(key, undefined);
    }
    for (const now of model.services.values) renew(now.service, now);
  } else {
    for (const service of [...changed].sort(byName)) renew(service, model.services.get(service));
  }
  const written = isFirst
    ? SortedTable.of(entries as Map<string, NftWrittenService>)
    : state.written.with(entries);
  return { out, written, changes };
}

function writeOptions({ settings, node, printMark, found }: NftablesState): NftWriteOptions {
  const emit = nftEmitOptions(settings, node);
  const keepsChains = emit.facts.layout === "endpoint-chains";
  return {
    emit,
    print: { family: settings.family, printMark },
    present:
      found.chains.size > 0 && keepsChains ? (port) => presentChains(port, found) : undefined,
  };
}

/** Endpoint chains that an earlier kube-proxy left and that need no rewriting. */
function presentChains(
  { bases, affinitySets }: NftSummary,
  found: FoundTable,
): ReadonlySet<string> {
  const sticky = affinitySets.length > 0;
  const present = bases.filter(
    (base) =>
      found.chains.has(`endpoint-${base}`) && found.affinitySets.has(`affinity-${base}`) === sticky,
  );
  return new Set(present.map((base) => `endpoint-${base}`));
}

function writeService(
  service: ServiceState,
  node: ProxyNode,
  how: {
    readonly options: NftWriteOptions;
    readonly before: NftWrittenService | undefined;
    readonly out: TextBuffer;
  },
): NftWrittenService {
  const ports = service.ports.map((port) =>
    writeNftPort(planOnNode(port, endpointsOf(service, port), node), how.options, how.out),
  );
  const refused = (which: "internalRefusal" | "externalRefusal") =>
    ports.filter(({ plan }) => plan[which] === "no local endpoints").length;
  return {
    ports,
    elements: ports.flatMap((p) => p.elements),
    keptTimeouts: keepTimeouts(how.before, ports),
    noLocal: { internal: refused("internalRefusal"), external: refused("externalRefusal") },
  };
}

/** Adding a set that is there changes nothing about it. */
function keepTimeouts(
  before: NftWrittenService | undefined,
  ports: readonly NftWrittenPort[],
): ReadonlyMap<string, number> {
  const kept = new Map<string, number>();
  const old = new Map(
    before?.ports.flatMap((p) =>
      p.affinitySets.map((s) => [s.name, before.keptTimeouts.get(s.name) ?? s.timeoutSeconds]),
    ),
  );
  if (old.size === 0) return kept;
  for (const { name, timeoutSeconds } of ports.flatMap((p) => p.affinitySets)) {
    const timeout = old.get(name);
    if (timeout !== undefined && timeout !== timeoutSeconds) kept.set(name, timeout);
  }
  return kept;
}

/** Chains that exist and are not used, sorted. */
function idleChains(
  { stale, found, settings }: NftablesState,
  { changes }: Replaced,
  aged: readonly string[],
): readonly string[] {
  const facts = releaseFacts(settings.release).nftables;
  const idle = new Set([...stale.keys(), ...found.chains]);
  for (const name of aged) idle.delete(name);
  for (const { before } of changes) {
    for (const { plan } of before?.ports ?? [])
      for (const name of nftChainsOf(plan, facts)) idle.add(name);
  }
  if (idle.size === 0) return [];
  for (const { after } of changes) {
    for (const { plan } of after?.ports ?? []) {
      for (const name of nftChainsOf(plan, facts)) idle.delete(name);
    }
  }
  return [...idle].sort(byName);
}

function goneSets({ found }: NftablesState, { changes }: Replaced): readonly string[] {
  const sets = new Set(found.affinitySets);
  const namesOf = (service: NftWrittenService | undefined) =>
    service?.ports.flatMap((p) => p.affinitySets.map((s) => s.name)) ?? [];
  for (const { before } of changes) for (const name of namesOf(before)) sets.add(name);
  for (const { after } of changes) for (const name of namesOf(after)) sets.delete(name);
  return [...sets].sort(byName);
}

function writeTransaction(
  state: NftablesState,
  replaced: Replaced,
  how: { readonly idle: readonly string[]; readonly first: boolean; readonly doFull: boolean },
): { readonly elements: ElementState; readonly pieces: readonly NftText[] } {
  const { settings, node, printMark } = state;
  const { family } = settings;
  const elementChanges = replaced.changes.map(
    ({ before, after }): ServiceElements => ({
      before: before?.elements ?? [],
      after: after?.elements ?? [],
    }),
  );
  const all = () => replaced.written.values.flatMap((s) => s.elements);
  const { state: elements, removed } = changeElements(state.elements, elementChanges, all);
  const setup = how.doFull ? setupOperations(settings, node, how.first) : [];
  const head: NftText = {
    text: setup.map((o) => printOperation(o, { family, printMark })).join(""),
    operations: setup.length,
  };
  const rewritten = replaced.changes.flatMap(({ after }) => after?.ports ?? []);
  const contested = elements.contested || state.elements.contested;
  const ports = contested ? replaced.written.values.flatMap((s) => s.ports) : rewritten;
  const parts: TransactionParts = { before: state.elements, after: elements };
  const done = new Set<string>();
  const fresh = new Set(rewritten);
  const body = ports.flatMap((port) => {
    const changes = writeElements(port.elements, parts, { done, family });
    if (!fresh.has(port)) return [changes];
    // Chains come first: a map's element may only lead to a chain that is there.
    const { start, rules, end, operations } = port.place;
    const created = { text: replaced.out.text(start, rules), operations };
    return [created, changes, { text: replaced.out.text(rules, end), operations: 0 }];
  });
  const tidying = { idle: how.idle, goneSets: goneSets(state, replaced), removed };
  return { elements, pieces: [head, ...body, writeTidying(tidying, family)] };
}

function countNoLocal(written: SortedTable<NftWrittenService>): NftablesSync["noLocalEndpoints"] {
  let internal = 0;
  let external = 0;
  for (const { noLocal } of written.values) {
    internal += noLocal.internal;
    external += noLocal.external;
  }
  return { internal, external };
}

function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
