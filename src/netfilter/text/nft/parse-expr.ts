/** What a rule looks at: header fields, metadata, connections, routes, numbers by turn or by lot. */
import type { NftExpr } from "../../nft.js";
import { parseConcatValue, parseRightValue, parseSetValue } from "./parse-value.js";
import type { NftReader } from "./tokens.js";

/** Fields of protocols that are read; what is not here makes the rest of a rule unknown. */
const FIELDS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  (
    [
      ["ip", "saddr daddr protocol ttl dscp ecn length id version hdrlength frag-off checksum tos"],
      ["ip6", "saddr daddr nexthdr hoplimit dscp ecn length version flowlabel"],
      ["tcp", "sport dport flags sequence ackseq window doff reserved checksum urgptr"],
      ["udp", "sport dport length checksum"],
      ["udplite", "sport dport csumcov checksum"],
      ["sctp", "sport dport vtag checksum"],
      ["dccp", "sport dport type"],
      ["th", "sport dport"],
      ["icmp", "type code checksum id sequence gateway mtu"],
      [
        "icmpv6",
        "type code checksum id sequence parameter-problem packet-too-big max-delay taddr daddr",
      ],
      ["ether", "saddr daddr type"],
      ["arp", "htype ptype hlen plen operation saddr daddr"],
      ["vlan", "id dei pcp type"],
      ["ah", "nexthdr hdrlength reserved spi sequence"],
      ["esp", "spi sequence"],
    ] as const
  ).map(([protocol, fields]) => [protocol, new Set(fields.split(" "))]),
);

/** Metadata keys that may stand without `meta`. */
const UNQUALIFIED = new Set([
  "mark",
  "iif",
  "iifname",
  "iifgroup",
  "oif",
  "oifname",
  "oifgroup",
  "skuid",
  "skgid",
  "pkttype",
]);

const META_KEYS = new Set([
  ...UNQUALIFIED,
  ..."length protocol nfproto l4proto priority iiftype oiftype random cpu cgroup".split(" "),
  ..."ibrname obrname ibriport obriport iifkind oifkind time day hour secpath ipsec nftrace".split(
    " ",
  ),
]);

const CT_KEYS = new Set([
  ..."state status direction mark zone expiration id helper label protocol l3proto".split(" "),
  ..."saddr daddr proto-src proto-dst bytes packets avgpkt event secmark eventmask".split(" "),
]);

/** True if an expression begins here. */
export function beginsExpr(reader: NftReader): boolean {
  const word = reader.peek() ?? "";
  const second = reader.peek(1) ?? "";
  if (FIELDS.get(word)?.has(second) === true) return true;
  if (word === "meta") return META_KEYS.has(second);
  if (word === "ct") return isCtKey(reader);
  if (word === "rt") return second === "mtu";
  if (word === "tcp") return isSegmentSize(reader);
  if (/^@(?:ll|nh|th|ih)$/.test(word)) return second === ",";
  return (
    UNQUALIFIED.has(word) ||
    word === "fib" ||
    word === "numgen" ||
    word === "jhash" ||
    word === "symhash"
  );
}

function isSegmentSize(reader: NftReader): boolean {
  const words = [reader.peek(1), reader.peek(2), reader.peek(3)];
  return words.join(" ") === "option maxseg size";
}

function isCtKey(reader: NftReader): boolean {
  const second = reader.peek(1) ?? "";
  if (second === "original" || second === "reply") {
    const third = reader.peek(2) ?? "";
    return CT_KEYS.has(third === "ip" || third === "ip6" ? (reader.peek(3) ?? "") : third);
  }
  return CT_KEYS.has(second);
}

/** One expression with its concatenations and bit operations. */
export function parseExpr(reader: NftReader): NftExpr {
  let left = parseConcat(reader);
  for (;;) {
    const op = readBitOp(reader);
    if (op === undefined) return left;
    left = { kind: "binary", op, left, right: parseOperand(reader) };
  }
}

const BIT_WORDS: ReadonlyMap<string, "&" | "|" | "^" | "<<" | ">>"> = new Map([
  ["&", "&"],
  ["and", "&"],
  ["|", "|"],
  ["or", "|"],
  ["^", "^"],
  ["xor", "^"],
  ["<<", "<<"],
  ["lshift", "<<"],
  [">>", ">>"],
  ["rshift", ">>"],
]);

function readBitOp(reader: NftReader): "&" | "|" | "^" | "<<" | ">>" | undefined {
  const op = BIT_WORDS.get(reader.peek() ?? "");
  if (op !== undefined) reader.at++;
  return op;
}

function parseOperand(reader: NftReader): NftExpr {
  if (reader.take("(")) {
    const value = parseRightValue(reader);
    reader.expect(")");
    return { kind: "value", value };
  }
  if (beginsExpr(reader)) return parsePrimary(reader);
  return { kind: "value", value: parseConcatValue(reader) };
}

function parseConcat(reader: NftReader): NftExpr {
  const first = parsePrimary(reader);
  if (reader.peek() !== ".") return first;
  const parts = [first];
  while (reader.take(".")) parts.push(parsePrimary(reader));
  return { kind: "concat", parts };
}

function parsePrimary(reader: NftReader): NftExpr {
  const word = reader.next("an expression");
  if (word === "meta") return { kind: "meta", key: reader.next("a key of meta") };
  if (word === "ct") return parseCt(reader);
  if (word === "rt") return { kind: "rt", key: reader.next("a key of rt") };
  if (word === "tcp" && reader.peek() === "option") {
    reader.at += 3;
    return { kind: "payload", protocol: "tcp option maxseg", field: "size" };
  }
  if (word.startsWith("@")) return parseRaw(reader, word);
  if (word === "fib") return parseFib(reader);
  if (word === "numgen") return parseNumgen(reader);
  if (word === "jhash" || word === "symhash") return parseHash(reader, word);
  if (FIELDS.get(word)?.has(reader.peek() ?? "") === true) {
    return { kind: "payload", protocol: word, field: reader.next("a field") };
  }
  if (UNQUALIFIED.has(word)) return { kind: "meta", key: word };
  reader.at--;
  throw reader.fault("bad-expression", "not an expression", word);
}

/** `@th,0,16`: so many bits from there on. */
function parseRaw(reader: NftReader, base: string): NftExpr {
  reader.expect(",");
  const offset = reader.number("an offset");
  reader.expect(",");
  return { kind: "payload", protocol: base, field: `${offset},${reader.number("a length")}` };
}

function parseCt(reader: NftReader): NftExpr {
  const word = reader.next("a key of ct");
  if (word !== "original" && word !== "reply") return { kind: "ct", key: word };
  const family = reader.take("ip") ? "ip " : reader.take("ip6") ? "ip6 " : "";
  return { kind: "ct", key: `${family}${reader.next("a key of ct")}`, direction: word };
}

function parseFib(reader: NftReader): NftExpr {
  const inputs = [reader.next("saddr or daddr")];
  while (reader.take(".")) inputs.push(reader.next("a field of fib"));
  return { kind: "fib", inputs, result: reader.next("type, oif or oifname") };
}

function parseNumgen(reader: NftReader): NftExpr {
  const mode = reader.next("random or inc");
  if (mode !== "random" && mode !== "inc") throw reader.fault("bad-word", "not a mode", mode);
  reader.expect("mod");
  const mod = readModulus(reader);
  const offset = reader.take("offset") ? { offset: reader.number("an offset") } : {};
  return { kind: "numgen", mode, mod, ...offset };
}

function readModulus(reader: NftReader): number {
  const mod = reader.number("a modulus");
  if (mod < 1) throw reader.fault("bad-number", "a modulus is at least 1", String(mod));
  return mod;
}

function parseHash(reader: NftReader, kind: "jhash" | "symhash"): NftExpr {
  const expr = kind === "jhash" ? { expr: parseConcat(reader) } : {};
  reader.expect("mod");
  const mod = readModulus(reader);
  const seed = reader.take("seed") ? { seed: reader.next("a seed") } : {};
  const offset = reader.take("offset") ? { offset: reader.number("an offset") } : {};
  return { kind, ...expr, mod, ...seed, ...offset };
}

/** What a statement sets something to: an expression, a map of one, or a constant. */
export function parseSource(reader: NftReader): NftExpr {
  const expr: NftExpr = beginsExpr(reader)
    ? parseExpr(reader)
    : { kind: "value", value: parseConcatValue(reader) };
  if (!reader.take("map")) return expr;
  const map = reader.peek() === "{" ? parseSetValue(reader, 0) : parseConcatValue(reader);
  return { kind: "map", expr, map };
}
