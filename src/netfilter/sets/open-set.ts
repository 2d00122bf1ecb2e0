/**
 * One ipset in use. Its elements are read when somebody first asks: most sets of most nodes never see
 * a packet. They stand in a tree, one level for each dimension:
 *
 *   hash:ip,port,ip    10.0.0.1 ─┬─ tcp:80 ─── 10.0.0.1
 *                                └─ tcp:443 ── 10.0.0.1
 *
 * so that an address that begins no element is known at the first level.
 */
import { type Addr, type Family, makePrefix, tryParseAddr } from "../../addr/index.js";
import type { IpsetConfig, IpsetEntry } from "../ipset.js";
import { BadElement, type Dimension, type Part, parseElement } from "./element.js";
import { networkKey, packetPart, type SetPacket, type Side } from "./packet-part.js";

/** One element. */
interface Member {
  readonly nomatch: boolean;
  expiresUs: number | undefined;
}

/** A level of the tree: elements at the last one, levels before. */
type Level = Map<string, Level | Member>;

interface ElementTime {
  readonly nomatch: boolean;
  readonly timeoutUs: number | undefined;
}

/** One set with its elements. */
export class OpenSet {
  readonly config: IpsetConfig;
  readonly dimensions: readonly Dimension[];
  readonly #isOfAddrs: boolean;
  readonly #family: Family | undefined;
  readonly #netmask: number | undefined;
  readonly #timeoutUs: number | undefined;
  readonly #root: Level = new Map();
  /** Lengths of networks in use, longest first, for each dimension that has them. */
  readonly #lengths: readonly number[][];
  readonly #nowUs: () => number;
  readonly #openedUs: number;
  /** No element has a time or is an exception. */
  #isPlain = true;
  #isRead = false;
  #unmodelled: string | undefined;

  constructor(config: IpsetConfig, dimensions: readonly Dimension[], nowUs: () => number) {
    this.config = config;
    this.dimensions = dimensions;
    this.#isOfAddrs = dimensions.length === 1 && dimensions[0] === "ip";
    this.#family = familyOf(config);
    this.#netmask = numberOption(config, "netmask");
    this.#timeoutUs = secondsOption(config);
    this.#lengths = dimensions.map(() => []);
    this.#nowUs = nowUs;
    this.#openedUs = nowUs();
  }

  /** An element that is not modelled. */
  get unmodelled(): string | undefined {
    this.#read();
    return this.#unmodelled;
  }

  /** Whether packets of that family can be elements. */
  takes(packet: { readonly family: Family }): boolean {
    return this.#family === undefined || this.#family === packet.family;
  }

  /**
   * The addresses in a set of single addresses that no time limits; undefined for other sets.
   *
   * Returns: a view, by keys as `Addr.key` gives them.
   */
  fixedAddrs(): ReadonlyMap<string, unknown> | undefined {
    if (!this.#isOfAddrs || this.#netmask !== undefined) return undefined;
    if (this.unmodelled !== undefined || !this.#isPlain) return undefined;
    return this.#root;
  }

  /** Whether a packet is an element, by the sides that its dimensions look at. */
  has(sides: readonly Side[], asked: SetPacket): boolean {
    this.#read();
    const member = this.#isOfAddrs
      ? this.#findAddr(sides[0] === "src" ? asked.skb.packet.src : asked.skb.packet.dst)
      : this.#find(this.#root, 0, sides, asked);
    return member !== undefined && !member.nomatch;
  }

  /** What most tests are: one address among others. */
  #findAddr(addr: Addr): Member | undefined {
    const member = (this.#root as Map<string, Member>).get(this.#masked(addr).key());
    return member !== undefined && this.#isLive(member) ? member : undefined;
  }

  #find(level: Level, at: number, sides: readonly Side[], asked: SetPacket): Member | undefined {
    const dimension = this.dimensions[at] as Dimension;
    const side = sides[at] as Side;
    const isLast = at + 1 === this.dimensions.length;
    const follow = (key: string) => {
      const below = level.get(key);
      if (below === undefined) return undefined;
      if (below instanceof Map) return this.#find(below, at + 1, sides, asked);
      return this.#isLive(below) ? below : undefined;
    };
    const part = packetPart(asked, dimension, side, isLast && at === 0);
    if (part.kind === "none") return undefined;
    if (part.kind === "key") return follow(part.key);
    if (dimension !== "net") return follow(this.#masked(part.addr).key());
    for (const bits of this.#lengths[at] ?? []) {
      const found = follow(networkKey(part.addr, bits));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #isLive({ expiresUs }: Member): boolean {
    return expiresUs === undefined || expiresUs > this.#nowUs();
  }

  /** Adds a packet. Without `exist` an element that is there keeps its time. */
  add(
    sides: readonly Side[],
    asked: SetPacket,
    how: { readonly timeoutSeconds: number | undefined; readonly exist: boolean },
  ): void {
    this.#read();
    const parts = this.#partsOf(sides, asked);
    if (parts === undefined) return;
    const known = this.#memberAt(parts);
    if (!how.exist && known !== undefined && this.#isLive(known)) return;
    const seconds = how.timeoutSeconds;
    const timeoutUs = seconds === undefined ? this.#timeoutUs : seconds * 1_000_000;
    this.#insert(parts, { nomatch: false, timeoutUs }, this.#nowUs());
  }

  /** Takes a packet out. */
  delete(sides: readonly Side[], asked: SetPacket): void {
    this.#read();
    const parts = this.#partsOf(sides, asked);
    if (parts !== undefined) removeAt(this.#root, parts, 0);
  }

  #partsOf(sides: readonly Side[], asked: SetPacket): readonly Part[] | undefined {
    const parts: Part[] = [];
    for (const [at, dimension] of this.dimensions.entries()) {
      const part = packetPart(asked, dimension, sides[at] as Side, this.dimensions.length === 1);
      if (part.kind === "none") return undefined;
      if (part.kind === "key") parts.push({ key: part.key });
      else if (dimension === "net") parts.push(widestNet(part.addr, this.#lengths[at] ?? []));
      else parts.push({ key: this.#masked(part.addr).key() });
    }
    return parts;
  }

  #memberAt(parts: readonly Part[]): Member | undefined {
    let at: Level | Member | undefined = this.#root;
    for (const { key } of parts) at = at instanceof Map ? at.get(key) : undefined;
    return at instanceof Map ? undefined : at;
  }

  #insert(parts: readonly Part[], { nomatch, timeoutUs }: ElementTime, nowUs: number): void {
    let level = this.#root;
    for (const { key } of parts.slice(0, -1)) {
      let below = level.get(key);
      if (!(below instanceof Map)) {
        below = new Map();
        level.set(key, below);
      }
      level = below;
    }
    // A timeout of 0 means for ever.
    const lasts = timeoutUs === undefined || timeoutUs === 0;
    const expiresUs = lasts ? undefined : nowUs + timeoutUs;
    if (nomatch || !lasts) this.#isPlain = false;
    level.set(parts.at(-1)?.key ?? "", { nomatch, expiresUs });
    for (const [at, { bits }] of parts.entries()) {
      const lengths = this.#lengths[at];
      if (bits === undefined || lengths === undefined || lengths.includes(bits)) continue;
      lengths.push(bits);
      lengths.sort((a, b) => b - a);
    }
  }

  #read(): void {
    if (this.#isRead) return;
    this.#isRead = true;
    for (const entry of this.config.entries) {
      try {
        this.#load(entry);
      } catch (error) {
        if (!(error instanceof BadElement)) throw error;
        this.#unmodelled = `ipset element ${entry.text}`;
      }
    }
  }

  #load({ text, nomatch = false, timeoutSeconds }: IpsetEntry): void {
    const addr = this.#netmask === undefined ? undefined : tryParseAddr(text);
    const masked = addr === undefined ? text : this.#masked(addr).toString();
    const timeoutUs = timeoutSeconds === undefined ? this.#timeoutUs : timeoutSeconds * 1_000_000;
    for (const parts of parseElement(masked, this.dimensions, this.#family ?? "ip4")) {
      this.#insert(parts, { nomatch, timeoutUs }, this.#openedUs);
    }
  }

  /** `netmask` keeps so many bits of an address. */
  #masked(addr: Addr): Addr {
    return this.#netmask === undefined ? addr : makePrefix(addr, this.#netmask).addr;
  }
}

/** Takes an element out, and levels that nothing is left in. */
function removeAt(level: Level, parts: readonly Part[], at: number): void {
  const { key = "" } = parts[at] ?? {};
  const below = level.get(key);
  if (below instanceof Map) {
    removeAt(below, parts, at + 1);
    if (below.size > 0) return;
  }
  level.delete(key);
}

/** A packet is added with the shortest length in use, or as a single address. */
function widestNet(addr: Addr, lengths: readonly number[]): Part {
  const bits = lengths.at(-1) ?? (addr.family === "ip4" ? 32 : 128);
  return { key: networkKey(addr, bits), bits };
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
