/**
 * Leaving out rules that a packet cannot meet. Long chains are mostly runs of rules that differ in one
 * exact key, as `-d 10.96.0.1/32` of KUBE-SERVICES or `--match-set kw-i4-… dst` of a policy agent. Of
 * such a run only the rules of the packet's own key are looked at:
 *
 *   rules   0 1 │ 2 3 4 5 6 7 8 │ 9 10        keys of the run   A ─▶ 2, 5   B ─▶ 3   C ─▶ 4, 6 …
 *              alone     a run      alone     a packet with A   0 1 2 5 9 10
 *
 * A rule is left out only if looking at it would have changed and told nothing.
 */
import type { IptablesMatch } from "../../iptables.js";
import type { IpsetStore } from "../../sets/ipset-store.js";
import type { Ask } from "../ask.js";
import { portsOf } from "../packet-fields.js";

/** Shorter runs are looked at rule by rule. */
const RUN_LEAST = 4;

/** Runs are looked for when a chain is walked this often: many chains never are again. */
const WALKS_BEFORE = 3;

/** A rule's matches, in the order in which they are looked at. */
export interface IndexedRule {
  readonly matches: readonly IptablesMatch[];
}

/**
 * Where the rules of one chain can be left out.
 *
 * Laws: a rule that is left out would not have matched (test/property/netfilter/rule-index.prop.test.ts).
 * Cost: a map access for each run of rules. A run's keys are put into a map when looking at its rules
 * one by one has cost about as much.
 */
export class RuleIndex {
  readonly #rules: readonly IndexedRule[];
  readonly #sets: IpsetStore;
  /** The run that each rule is in; undefined before runs were looked for, or without any. */
  #runAt: readonly (Run | undefined)[] | undefined;
  #walks = 0;

  constructor(rules: readonly IndexedRule[], sets: IpsetStore) {
    this.#rules = rules;
    this.#sets = sets;
  }

  /** The chain is about to be walked. */
  begin(): void {
    if (this.#walks === WALKS_BEFORE) return;
    this.#walks++;
    if (this.#walks === WALKS_BEFORE) this.#runAt = findRuns(this.#rules, this.#sets);
  }

  /** The first rule from a place on that the packet may meet; the count of rules if there is none. */
  next(at: number, ask: Ask): number {
    if (this.#runAt === undefined) return at;
    let from = at;
    for (;;) {
      const run = this.#runAt[from];
      if (run === undefined) return from;
      const found = run.next(from, ask);
      if (found < run.to) return found;
      from = run.to;
    }
  }
}

function findRuns(
  rules: readonly IndexedRule[],
  sets: IpsetStore,
): readonly (Run | undefined)[] | undefined {
  const runAt = new Array<Run | undefined>(rules.length);
  let hasRuns = false;
  for (let at = 0; at + RUN_LEAST <= rules.length; ) {
    const run = longestRun(rules, at, sets);
    if (run === undefined) at++;
    else {
      hasRuns = true;
      runAt.fill(run, at, run.to);
      at = run.to;
    }
  }
  return hasRuns ? runAt : undefined;
}

function longestRun(
  rules: readonly IndexedRule[],
  from: number,
  sets: IpsetStore,
): Run | undefined {
  let best: Run | undefined;
  for (const keying of KEYINGS) {
    const keys: Keys[] = [];
    for (let at = from; at < rules.length; at++) {
      const found = keysOfRule(rules[at] as IndexedRule, keying, sets);
      if (found === undefined) break;
      keys.push(found);
    }
    const isLonger = keys.length >= RUN_LEAST && keys.length > (best?.to ?? from) - from;
    if (isLonger) best = new Run(from, keys, keying, sets);
  }
  return best;
}

/** The keys by which a rule is met, if nothing that remembers packets is looked at before them. */
function keysOfRule(rule: IndexedRule, keying: Keying, sets: IpsetStore): Keys | undefined {
  for (const match of rule.matches) {
    const keys = keying.keysOf(match, sets);
    if (keys !== undefined) return keys;
    if (!isQuiet(match)) return undefined;
  }
  return undefined;
}

/** Rules that stand together and are told apart by one key. */
class Run {
  readonly from: number;
  /** The place behind the last one. */
  readonly to: number;
  readonly #keys: readonly Keys[];
  readonly #keying: Keying;
  readonly #sets: IpsetStore;
  readonly #changes: number;
  #byKey: Map<Key, number[]> | undefined;
  #costLeft: number;

  constructor(from: number, keys: readonly Keys[], keying: Keying, sets: IpsetStore) {
    this.from = from;
    this.to = from + keys.length;
    this.#keys = keys;
    this.#keying = keying;
    this.#sets = sets;
    this.#changes = sets.changes;
    this.#costLeft = keys.reduce((sum, { size }) => sum + size, 0);
  }

  /** The first rule from a place on that the packet has the key of. */
  next(at: number, ask: Ask): number {
    // Sets that packets change are not kept up with.
    if (this.#keying.isOfSets === true && this.#sets.changes !== this.#changes) return at;
    if (this.#byKey === undefined) {
      this.#costLeft--;
      if (this.#costLeft > 0) return at;
      this.#byKey = this.#index();
    }
    const key = this.#keying.keyOf(ask);
    const places = key === undefined ? undefined : this.#byKey.get(key);
    return places === undefined ? this.to : firstFrom(places, at, this.to);
  }

  #index(): Map<Key, number[]> {
    const byKey = new Map<Key, number[]>();
    for (const [at, keys] of this.#keys.entries()) {
      for (const key of keys.keys()) {
        const places = byKey.get(key);
        if (places === undefined) byKey.set(key, [this.from + at]);
        else places.push(this.from + at);
      }
    }
    return byKey;
  }
}

function firstFrom(places: readonly number[], at: number, none: number): number {
  let [low, high] = [0, places.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((places[middle] as number) < at) low = middle + 1;
    else high = middle;
  }
  return places[low] ?? none;
}

type Key = string | number;

interface Keys {
  readonly size: number;
  keys(): Iterable<Key>;
}

/** One way to tell rules apart. */
interface Keying {
  /** What packets must have to meet a match; undefined where it says no such thing. */
  keysOf(match: IptablesMatch, sets: IpsetStore): Keys | undefined;
  /** What a packet has. */
  keyOf(ask: Ask): Key | undefined;
  readonly isOfSets?: boolean;
}

const one = (key: Key): Keys => new Set([key]);

const addrKeys = (kind: "source" | "destination") => (match: IptablesMatch) =>
  match.kind === kind && match.not !== true && match.prefix.isSingle()
    ? one(match.prefix.addr.key())
    : undefined;

const linkKeys = (kind: "in-interface" | "out-interface") => (match: IptablesMatch) =>
  match.kind === kind && match.not !== true && !match.link.endsWith("+")
    ? one(match.link)
    : undefined;

const setKeys = (side: "src" | "dst") => (match: IptablesMatch, sets: IpsetStore) =>
  match.kind === "set" && match.not !== true && match.directions[0] === side
    ? sets.fixedAddrs(match.name)
    : undefined;

const srcOf = ({ skb }: Ask) => skb.packet.src.key();
const dstOf = ({ skb }: Ask) => skb.packet.dst.key();

/** Of two runs of one length the one of the earlier way is taken. */
const KEYINGS: readonly Keying[] = [
  { keysOf: addrKeys("destination"), keyOf: dstOf },
  { keysOf: addrKeys("source"), keyOf: srcOf },
  { keysOf: linkKeys("in-interface"), keyOf: (ask) => ask.iif },
  { keysOf: linkKeys("out-interface"), keyOf: (ask) => ask.oif },
  { keysOf: portKeys, keyOf: portOf },
  { keysOf: setKeys("dst"), keyOf: dstOf, isOfSets: true },
  { keysOf: setKeys("src"), keyOf: srcOf, isOfSets: true },
];

const PORT_KINDS = ["tcp", "udp", "sctp"];

function portKey(kind: string, port: number): number {
  return PORT_KINDS.indexOf(kind) * 65536 + port;
}

function portKeys(match: IptablesMatch): Keys | undefined {
  if (match.kind !== "tcp" && match.kind !== "udp" && match.kind !== "sctp") return undefined;
  const { kind, dport } = match;
  if (dport === undefined || dport.not === true || dport.first !== dport.last) return undefined;
  return isQuiet(match) ? one(portKey(kind, dport.first)) : undefined;
}

function portOf({ skb: { packet } }: Ask): number | undefined {
  const ports = portsOf(packet);
  return ports === undefined ? undefined : portKey(packet.payload.kind, ports.dport);
}

const QUIET_KINDS: ReadonlySet<string> = new Set([
  ...["source", "destination", "in-interface", "out-interface", "protocol", "fragment"],
  ...["tcp", "udp", "icmp", "mark", "comment"],
]);

/** Whether looking at a match changes nothing, and what it says is modelled in any case. */
function isQuiet(match: IptablesMatch): boolean {
  if (match.kind === "sctp") return match.chunkTypes === undefined;
  return QUIET_KINDS.has(match.kind);
}
