/**
 * Elements of ipsets: `10.0.0.1,tcp:80,10.1.0.0/16` read by the dimensions of the set's type. A key
 * is text that is equal for equal elements and for no others.
 */
import {
  addOffset,
  addrBits,
  type Family,
  makePrefix,
  offsetBetween,
  type Prefix,
  tryParseAddr,
  tryParseMac,
} from "../../addr/index.js";
import { protocolName, protocolNumber } from "../protocol-names.js";

/** What one part of an element is. */
export type Dimension = "ip" | "net" | "port" | "iface" | "mac" | "mark" | "set";

/** The types of sets that are modelled, with their dimensions. */
const TYPES: ReadonlyMap<string, readonly Dimension[]> = new Map(
  [
    "hash:ip",
    "hash:net",
    "hash:mac",
    "hash:ip,port",
    "hash:net,port",
    "hash:ip,mark",
    "hash:ip,mac",
    "hash:ip,port,ip",
    "hash:ip,port,net",
    "hash:net,net",
    "hash:net,port,net",
    "hash:net,iface",
    "bitmap:port",
    "bitmap:ip",
    "list:set",
  ].map((type) => [type, (type.split(":")[1] as string).split(",") as Dimension[]]),
);

/** The dimensions of a type; undefined for a type that is not modelled. */
export function dimensionsOf(type: string): readonly Dimension[] | undefined {
  return TYPES.get(type);
}

/** One part of an element as a key; networks also tell their length. */
export interface Part {
  readonly key: string;
  readonly bits?: number;
}

/** An element has no meaning in its set. */
export class BadElement extends Error {
  override readonly name = "BadElement";
}

const EXPANSION_LIMIT = 65536;

/**
 * Reads one element; ranges give several.
 *
 * Errors: `BadElement`.
 * Follows: ipset 7.17 lib/parse.c; element syntax in ipset(8).
 */
export function parseElement(
  text: string,
  dimensions: readonly Dimension[],
  family: Family,
): Part[][] {
  const lists = readParts(text, dimensions, family);
  return lists.reduce<Part[][]>(
    (heads, parts) => {
      const list = parts.list();
      return heads.flatMap((head) => list.map((part) => [...head, part]));
    },
    [[]],
  );
}

/**
 * Checks that an element has a meaning, without making all that a range stands for.
 *
 * Errors: `BadElement`.
 */
export function checkElement(text: string, dimensions: readonly Dimension[], family: Family): void {
  readParts(text, dimensions, family);
}

/** What one part of an element's text stands for. */
interface Parts {
  readonly count: number;
  list(): Part[];
}

const one = (part: Part): Parts => ({ count: 1, list: () => [part] });

function readParts(text: string, dimensions: readonly Dimension[], family: Family): Parts[] {
  const words = text.split(",");
  if (words.length !== dimensions.length) {
    throw new BadElement(`${text}: this set's elements have ${dimensions.length} parts`);
  }
  const single = words.length === 1;
  const lists = words.map((word, at) =>
    parsePart(word, dimensions[at] as Dimension, { family, single }),
  );
  const count = lists.reduce((product, parts) => product * parts.count, 1);
  if (count > EXPANSION_LIMIT) throw new BadElement(`${text}: too many elements`);
  return lists;
}

interface PartContext {
  readonly family: Family;
  /** The part is the whole element: ports then stand without their protocol. */
  readonly single: boolean;
}

function parsePart(word: string, dimension: Dimension, { family, single }: PartContext): Parts {
  switch (dimension) {
    case "ip":
      return hostsOf(parseNets(word, family));
    case "net": {
      const nets = parseNets(word, family).map((net) => ({ key: net.key(), bits: net.bits }));
      return { count: nets.length, list: () => nets };
    }
    case "port":
      return parsePorts(word, single);
    case "mac": {
      const mac = tryParseMac(word);
      if (mac === undefined) throw new BadElement(`${word}: not a link-layer address`);
      return one({ key: mac.key() });
    }
    case "mark": {
      const mark = Number(word);
      if (!(mark >= 0 && mark <= 0xffffffff)) throw new BadElement(`${word}: not a mark`);
      return one({ key: String(mark) });
    }
    case "iface":
    case "set":
      return one({ key: word });
  }
}

function parseNets(word: string, family: Family): Prefix[] {
  const dash = word.indexOf("-");
  if (dash < 0) {
    const slash = word.indexOf("/");
    const addr = tryParseAddr(slash < 0 ? word : word.slice(0, slash));
    const most = addrBits(family);
    const bits = slash < 0 ? most : Number(word.slice(slash + 1));
    if (addr?.family !== family || !Number.isInteger(bits) || bits < 0 || bits > most) {
      throw new BadElement(`${word}: not an address or network of this set's family`);
    }
    return [makePrefix(addr, bits)];
  }
  const first = tryParseAddr(word.slice(0, dash));
  const last = tryParseAddr(word.slice(dash + 1));
  if (first?.family !== family || last?.family !== family || first.compare(last) > 0) {
    throw new BadElement(`${word}: not a range of addresses`);
  }
  return coverRange(makePrefix(first, addrBits(family)), makePrefix(last, addrBits(family)));
}

/** The fewest networks that together are the range. */
function coverRange(first: Prefix, last: Prefix): Prefix[] {
  const nets: Prefix[] = [];
  const end = last.addr;
  let at = first.addr;
  for (;;) {
    let bits = addrBits(at.family) as number;
    while (bits > 0) {
      const wider = makePrefix(at, bits - 1);
      if (!wider.addr.equals(at) || wider.last().compare(end) > 0) break;
      bits--;
    }
    const net = makePrefix(at, bits);
    nets.push(net);
    if (net.last().compare(end) >= 0 || nets.length > EXPANSION_LIMIT) return nets;
    at = addOffset(net.last(), 1);
  }
}

function hostsOf(nets: readonly Prefix[]): Parts {
  const sizes = nets.map((net) => offsetBetween(net.addr, net.last()) + 1n);
  const count = Number(sizes.reduce((sum, size) => sum + size, 0n));
  const hosts = (net: Prefix, size: bigint) =>
    Array.from({ length: Number(size) }, (_, at) => ({ key: addOffset(net.addr, at).key() }));
  return { count, list: () => nets.flatMap((net, at) => hosts(net, sizes[at] ?? 0n)) };
}

const ICMP: ReadonlyMap<string, number> = new Map([
  ["echo-request", 8 << 8],
  ["echo-reply", 0],
]);
const ICMPV6: ReadonlyMap<string, number> = new Map([
  ["echo-request", 128 << 8],
  ["echo-reply", 129 << 8],
]);

function parsePorts(word: string, single: boolean): Parts {
  const colon = word.indexOf(":");
  const name = colon < 0 ? "tcp" : word.slice(0, colon).toLowerCase();
  const protocol = protocolNumber(name);
  if (protocol === undefined) throw new BadElement(`${word}: not a protocol`);
  const rest = word.slice(colon + 1);
  const icmp = protocol === 1 ? ICMP.get(rest) : protocol === 58 ? ICMPV6.get(rest) : undefined;
  if (icmp !== undefined) return one({ key: portKey(protocol, icmp, single) });
  const typeAndCode = /^([0-9]+)\/([0-9]+)$/.exec(rest);
  if (typeAndCode !== null) {
    const number = (Number(typeAndCode[1]) << 8) | Number(typeAndCode[2]);
    return one({ key: portKey(protocol, number, single) });
  }
  const found = /^([0-9]+)(?:-([0-9]+))?$/.exec(rest);
  const first = Number(found?.[1]);
  const last = found?.[2] === undefined ? first : Number(found[2]);
  if (found === null || last < first || last > 65535) throw new BadElement(`${word}: not a port`);
  const count = last - first + 1;
  const list = () =>
    Array.from({ length: count }, (_, at) => ({ key: portKey(protocol, first + at, single) }));
  return { count, list };
}

/** The key of a port; a set of ports alone does not ask for the protocol. */
export function portKey(protocol: number, port: number, single: boolean): string {
  return single ? String(port) : `${protocolName(protocol)}:${port}`;
}
