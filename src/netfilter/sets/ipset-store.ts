/**
 * The ipsets of one namespace while packets move: membership tests, and what `-j SET` adds and takes.
 * Networks of one dimension are tried from the longest length that the set holds to the shortest.
 */
import { type Addr, type Family, makePrefix, tryParseAddr } from "../../addr/index.js";
import type { IpsetConfig, IpsetEntry } from "../ipset.js";
import { BadElement, type Dimension, dimensionsOf, type Part, parseElement } from "./element.js";
import { networkKey, packetPart, type SetPacket, type Side } from "./packet-part.js";

/** Whether a packet is in a set; `unknown` names what is not modelled. */
export type Membership = "in" | "out" | { readonly unknown: string };

interface Member {
  readonly nomatch: boolean;
  expiresUs: number | undefined;
}

interface OpenSet {
  readonly config: IpsetConfig;
  readonly dimensions: readonly Dimension[];
  readonly family: Family | undefined;
  readonly members: Map<string, Member>;
  /** Lengths of networks in use, longest first, for each dimension that has them. */
  readonly lengths: readonly number[][];
  readonly netmask: number | undefined;
  readonly timeoutUs: number | undefined;
}

/** The sets of one namespace. */
export class IpsetStore {
  readonly #sets = new Map<string, OpenSet>();
  readonly #unmodelled = new Map<string, string>();
  readonly #nowUs: () => number;

  constructor(configs: readonly IpsetConfig[], nowUs: () => number) {
    this.#nowUs = nowUs;
    for (const config of configs) this.#open(config);
  }

  #open(config: IpsetConfig): void {
    const dimensions = dimensionsOf(config.type);
    if (dimensions === undefined) {
      this.#unmodelled.set(config.name, `ipset type ${config.type}`);
      return;
    }
    const set: OpenSet = {
      config,
      dimensions,
      family: familyOf(config),
      members: new Map(),
      lengths: dimensions.map(() => []),
      netmask: numberOption(config, "netmask"),
      timeoutUs: secondsOption(config),
    };
    this.#sets.set(config.name, set);
    for (const entry of config.entries) {
      try {
        this.#load(set, entry);
      } catch (error) {
        if (!(error instanceof BadElement)) throw error;
        this.#unmodelled.set(config.name, `ipset element ${entry.text}`);
      }
    }
  }

  #load(set: OpenSet, entry: IpsetEntry): void {
    const addr = set.netmask === undefined ? undefined : tryParseAddr(entry.text);
    const text = addr === undefined ? entry.text : maskAddr(set, addr).toString();
    for (const parts of parseElement(text, set.dimensions, set.family ?? "ip4")) {
      const seconds = entry.timeoutSeconds;
      const timeoutUs = seconds === undefined ? set.timeoutUs : seconds * 1_000_000;
      this.#insert(set, parts, { nomatch: entry.nomatch === true, timeoutUs });
    }
  }

  #insert(
    set: OpenSet,
    parts: readonly Part[],
    how: { readonly nomatch: boolean; readonly timeoutUs: number | undefined },
  ): void {
    const { timeoutUs } = how;
    // A timeout of 0 means for ever.
    const expiresUs =
      timeoutUs === undefined || timeoutUs === 0 ? undefined : this.#nowUs() + timeoutUs;
    set.members.set(keyOf(parts), { nomatch: how.nomatch, expiresUs });
    parts.forEach((part, at) => {
      const lengths = set.lengths[at];
      if (part.bits === undefined || lengths === undefined || lengths.includes(part.bits)) return;
      lengths.push(part.bits);
      lengths.sort((a, b) => b - a);
    });
  }

  /** The dimensions of a set; undefined if there is none of that name or its type is not modelled. */
  dimensions(name: string): readonly Dimension[] | undefined {
    return this.#sets.get(name)?.dimensions;
  }

  /**
   * Tests a packet against a set.
   *
   * Follows: Linux 6.18 net/netfilter/ipset/ip_set_core.c `ip_set_test`, ip_set_hash_gen.h
   * `mtype_test_cidrs`, ip_set_list_set.c `list_set_ktest`.
   */
  test(name: string, sides: readonly Side[], asked: SetPacket): Membership {
    const unknown = this.#unmodelled.get(name);
    if (unknown !== undefined) return { unknown };
    const set = this.#sets.get(name);
    if (set === undefined) return { unknown: `ipset ${name} is missing` };
    if (sides.length < set.dimensions.length) return "out";
    if (set.dimensions[0] === "set") return this.#testList(set, sides, asked);
    if (set.family !== undefined && set.family !== asked.skb.packet.family) return "out";
    const member = this.#find(set, sides, asked);
    return member === undefined || member.nomatch ? "out" : "in";
  }

  #testList(list: OpenSet, sides: readonly Side[], asked: SetPacket): Membership {
    for (const entry of list.config.entries) {
      const answer = this.test(entry.text, sides, asked);
      if (answer !== "out") return answer;
    }
    return "out";
  }

  #find(set: OpenSet, sides: readonly Side[], asked: SetPacket): Member | undefined {
    const single = set.dimensions.length === 1;
    let heads = [""];
    for (const [at, dimension] of set.dimensions.entries()) {
      const part = packetPart(asked, dimension, sides[at] as Side, single);
      if (part.kind === "none") return undefined;
      const keys = part.kind === "key" ? [part.key] : addrKeys(set, at, part.addr);
      heads = heads.flatMap((head) => keys.map((key) => `${head},${key}`));
    }
    for (const key of heads) {
      const member = this.#live(set, key);
      if (member !== undefined) return member;
    }
    return undefined;
  }

  #live(set: OpenSet, key: string): Member | undefined {
    const member = set.members.get(key);
    if (member?.expiresUs === undefined || member.expiresUs > this.#nowUs()) return member;
    set.members.delete(key);
    return undefined;
  }

  /**
   * Adds a packet to a set, as `-j SET --add-set` does. Without `exist` an element that is there
   * keeps its time.
   */
  add(
    name: string,
    sides: readonly Side[],
    asked: SetPacket,
    how: { readonly timeoutSeconds: number | undefined; readonly exist: boolean },
  ): void {
    const found = this.#partsOf(name, sides, asked);
    if (found === undefined) return;
    const { set, parts } = found;
    if (!how.exist && this.#live(set, keyOf(parts)) !== undefined) return;
    const seconds = how.timeoutSeconds;
    const timeoutUs = seconds === undefined ? set.timeoutUs : seconds * 1_000_000;
    this.#insert(set, parts, { nomatch: false, timeoutUs });
  }

  /** Takes a packet out of a set, as `-j SET --del-set` does. */
  delete(name: string, sides: readonly Side[], asked: SetPacket): void {
    const found = this.#partsOf(name, sides, asked);
    found?.set.members.delete(keyOf(found.parts));
  }

  #partsOf(name: string, sides: readonly Side[], asked: SetPacket) {
    const set = this.#sets.get(name);
    if (set === undefined || sides.length < set.dimensions.length) return undefined;
    if (set.family !== undefined && set.family !== asked.skb.packet.family) return undefined;
    const parts: Part[] = [];
    for (const [at, dimension] of set.dimensions.entries()) {
      const part = packetPart(asked, dimension, sides[at] as Side, set.dimensions.length === 1);
      if (part.kind === "none") return undefined;
      if (part.kind === "key") parts.push({ key: part.key });
      else if (dimension === "net") parts.push(widestNet(part.addr, set.lengths[at] ?? []));
      else parts.push({ key: maskedKey(set, part.addr) });
    }
    return { set, parts };
  }
}

/** A packet is added with the shortest length in use, or as a single address. */
function widestNet(addr: Addr, lengths: readonly number[]): Part {
  const bits = lengths.at(-1) ?? (addr.family === "ip4" ? 32 : 128);
  return { key: networkKey(addr, bits), bits };
}

function addrKeys(set: OpenSet, at: number, addr: Addr): string[] {
  if (set.dimensions[at] !== "net") return [maskedKey(set, addr)];
  return (set.lengths[at] ?? []).map((bits) => networkKey(addr, bits));
}

function maskedKey(set: OpenSet, addr: Addr): string {
  return maskAddr(set, addr).key();
}

/** `netmask` keeps so many bits of an address. */
function maskAddr({ netmask }: OpenSet, addr: Addr): Addr {
  return netmask === undefined ? addr : makePrefix(addr, netmask).addr;
}

function keyOf(parts: readonly Part[]): string {
  return parts.map((part) => `,${part.key}`).join("");
}

/** Sets of ports, of link-layer addresses and of sets have no family. */
function familyOf(config: IpsetConfig): Family | undefined {
  if (/^(?:bitmap:port|hash:mac|list:set)$/.test(config.type)) return undefined;
  return config.family ?? "ip4";
}

function numberOption(config: IpsetConfig, name: string): number | undefined {
  const at = config.options.indexOf(name);
  const word = at < 0 ? undefined : config.options[at + 1];
  return word === undefined ? undefined : Number(word);
}

function secondsOption(config: IpsetConfig): number | undefined {
  const seconds = numberOption(config, "timeout");
  return seconds === undefined ? undefined : seconds * 1_000_000;
}
