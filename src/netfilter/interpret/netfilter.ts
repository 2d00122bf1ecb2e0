/**
 * One running netfilter: everything registered on the hooks of a namespace, asked in the kernel's
 * order.
 *
 *   prerouting    defrag -400 · raw -300 · conntrack -200 · mangle -150 · dstnat -100 · filter 0 …
 *   output        the same, and routing again where mark or destination changed
 *   input         mangle -150 · filter 0 · security 50 · srcnat 100 · confirm
 *   postrouting   mangle -150 · srcnat 100 · confirm
 *
 * Of two chains of one priority the one registered later is asked first. Conntrack and NAT are there
 * only if some rule needs them.
 */
import { Conntrack } from "../conntrack/conntrack.js";
import type {
  EngineOptions,
  HookResult,
  NetfilterEngine,
  PriorityRange,
  StepSink,
} from "../engine.js";
import { type Hook, HookPriority, type NfFamily } from "../hook.js";
import type { IpsetConfig } from "../ipset.js";
import type { IptablesRuleset } from "../iptables.js";
import { Nat, type NatHook } from "../nat/nat.js";
import type { NftRuleset } from "../nft.js";
import { IpsetStore } from "../sets/ipset-store.js";
import type { Skb } from "../skb.js";
import { type Ask, createAsk, type Runtime } from "./ask.js";
import type { BaseChain } from "./base-chain.js";
import { type IpFamily, needsConntrack, needsCounters } from "./conntrack-need.js";
import { iptablesBaseChains } from "./iptables/chains.js";
import { type OpenTable, openNftTables } from "./nft/chains.js";
import { rerouteIfNeeded, routingFacts } from "./reroute.js";
import { RuleMemory } from "./rule-memory.js";

/** The rules of one namespace. */
export interface NetfilterConfig {
  readonly iptables: IptablesRuleset;
  readonly ip6tables: IptablesRuleset;
  readonly nftables: NftRuleset;
  readonly ipsets: readonly IpsetConfig[];
}

/** A running netfilter with its memory. */
export interface Netfilter extends NetfilterEngine {
  readonly conntrack: Conntrack;
  readonly nat: Nat;
  readonly sets: IpsetStore;
  /** Whether connections of the family are tracked: fragments are then put together first. */
  tracks(family: "ip" | "ip6"): boolean;
  /** The elements that packets added to a set of nftables, as nft prints their keys. */
  nftElements(family: NfFamily, table: string, set: string): readonly string[];
}

/**
 * Starts the netfilter of one namespace.
 *
 * Follows: Linux 6.18 net/netfilter/core.c `nf_hook_entries_grow`, nf_conntrack_proto.c
 * `nf_ct_netns_get`, nf_nat_core.c `nf_nat_register_fn`.
 *
 * @example
 * createNetfilter(config, options).run("ip", "forward", skb, undefined)
 */
export function createNetfilter(config: NetfilterConfig, options: EngineOptions): Netfilter {
  return new RunningNetfilter(config, options);
}

/** Something that is registered on a hook. */
interface Registered {
  readonly priority: number;
  readonly ask: (ask: Ask, sink: StepSink) => HookResult;
}

const ACCEPT: HookResult = { kind: "accept" };
const IP_FAMILIES: readonly IpFamily[] = ["ip", "ip6"];

class RunningNetfilter implements Netfilter {
  readonly conntrack: Conntrack;
  readonly nat: Nat;
  readonly sets: IpsetStore;
  readonly #runtime: Runtime;
  readonly #nftTables: readonly OpenTable[];
  readonly #tracked: ReadonlySet<NfFamily>;
  readonly #hooks = new Map<NfFamily, Map<Hook, Registered[]>>();

  constructor(config: NetfilterConfig, options: EngineOptions) {
    this.conntrack = new Conntrack({ ...options, counts: needsCounters(config) });
    this.sets = new IpsetStore(config.ipsets, options.nowUs);
    const { conntrack, sets } = this;
    const random = options.random("nat");
    this.nat = new Nat({ conntrack, questions: options.questions, random });
    this.#runtime = { options, conntrack, nat: this.nat, sets, memory: new RuleMemory() };
    this.#nftTables = openNftTables(config.nftables, options.nowUs);
    this.#tracked = new Set(IP_FAMILIES.filter((family) => needsConntrack(config, family)));
    this.#registerTracking();
    this.#registerChains([
      ...iptablesBaseChains(config.iptables, this.#runtime),
      ...iptablesBaseChains(config.ip6tables, this.#runtime),
      ...this.#nftTables.flatMap((table) => table.bases),
    ]);
  }

  nftElements(family: NfFamily, table: string, set: string): readonly string[] {
    const open = this.#nftTables.find((t) => t.table.family === family && t.table.name === table);
    const added = open?.sets.byName(set)?.added() ?? [];
    return added.map((parts) => parts.map(String).join(" . "));
  }

  tracks(family: "ip" | "ip6"): boolean {
    return this.#tracked.has(family);
  }

  run(family: NfFamily, hook: Hook, skb: Skb, sink: StepSink, range?: PriorityRange): HookResult {
    const registered = this.#hooks.get(family)?.get(hook);
    if (registered === undefined) return ACCEPT;
    const question = createAsk(this.#runtime, family, hook, skb);
    for (const { priority, ask } of registered) {
      if (range !== undefined && !isWithin(range, priority)) continue;
      const result = ask(question, sink);
      if (result.kind !== "accept") return result;
    }
    return ACCEPT;
  }

  #registerTracking(): void {
    const enter = (ask: Ask, sink: StepSink) => this.conntrack.enter(ask.skb, sink);
    const confirm = (ask: Ask, sink: StepSink) => this.conntrack.confirm(ask.skb, sink);
    for (const family of IP_FAMILIES) {
      if (!this.#tracked.has(family)) continue;
      for (const hook of ["prerouting", "output"] as const) {
        this.#register(family, hook, { priority: HookPriority.conntrack, ask: enter });
      }
      for (const hook of ["input", "postrouting"] as const) {
        this.#register(family, hook, { priority: HookPriority.conntrackConfirm, ask: confirm });
      }
    }
  }

  /** Registers chains in the order in which they were made. */
  #registerChains(chains: readonly BaseChain[]): void {
    const nat = new Map<string, BaseChain[]>();
    for (const chain of chains) {
      const families = chain.family === "inet" ? IP_FAMILIES : [chain.family];
      for (const family of families) {
        if (chain.type === "nat") insert(getList(nat, `${family} ${chain.hook}`), chain);
        else this.#register(family, chain.hook, { priority: chain.priority, ask: askChain(chain) });
      }
    }
    for (const family of IP_FAMILIES) this.#registerNat(family, nat);
  }

  /** The first nat chain of a family puts NAT on all four hooks, at its own priorities. */
  #registerNat(family: IpFamily, chains: ReadonlyMap<string, readonly BaseChain[]>): void {
    const hooks: readonly NatHook[] = ["prerouting", "input", "output", "postrouting"];
    if (!hooks.some((hook) => chains.has(`${family} ${hook}`))) return;
    for (const hook of hooks) {
      const own = chains.get(`${family} ${hook}`) ?? [];
      const isSource = hook === "input" || hook === "postrouting";
      const priority = isSource ? HookPriority.natSrc : HookPriority.natDst;
      this.#register(family, hook, { priority, ask: this.#natHook(hook, own) });
    }
  }

  #natHook(hook: NatHook, chains: readonly BaseChain[]): Registered["ask"] {
    return (ask, sink) => {
      const questions = () => chains.map((chain) => () => chain.run(ask, sink));
      const result = this.nat.run(hook, ask.skb, questions, sink);
      if (hook !== "output" || result.kind !== "accept") return result;
      const { ct, ctDirection } = ask.skb;
      if (ct === undefined) return result;
      const other = ctDirection === "original" ? ct.reply : ct.original;
      if (ct[ctDirection].dst.equals(other.src)) return result;
      return rerouteIfNeeded(ask, undefined);
    };
  }

  #register(family: NfFamily, hook: Hook, registered: Registered): void {
    let hooks = this.#hooks.get(family);
    if (hooks === undefined) {
      hooks = new Map();
      this.#hooks.set(family, hooks);
    }
    insert(getList(hooks, hook), registered);
  }
}

function isWithin({ above, upTo }: PriorityRange, priority: number): boolean {
  return (above === undefined || priority > above) && (upTo === undefined || priority <= upTo);
}

function getList<K, T>(lists: Map<K, T[]>, key: K): T[] {
  let list = lists.get(key);
  if (list === undefined) {
    list = [];
    lists.set(key, list);
  }
  return list;
}

/** Puts one in by priority, before those of the same priority. */
function insert<T extends { readonly priority: number }>(list: T[], added: T): void {
  const at = list.findIndex((other) => other.priority >= added.priority);
  list.splice(at < 0 ? list.length : at, 0, added);
}

function askChain(chain: BaseChain): Registered["ask"] {
  const { links } = chain;
  if (chain.type === "route") {
    return (ask, sink) => {
      const before = routingFacts(ask.skb);
      const result = chain.run(ask, sink);
      return result.kind === "accept" ? rerouteIfNeeded(ask, before) : result;
    };
  }
  if (links === undefined) return (ask, sink) => chain.run(ask, sink);
  return (ask, sink) => {
    const link = ask.hook === "egress" ? ask.skb.oif : ask.skb.iif;
    return link !== undefined && links.includes(link) ? chain.run(ask, sink) : ACCEPT;
  };
}
