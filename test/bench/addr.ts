/**
 * npx tsx test/bench/addr.ts
 *
 * Parsing and longest-prefix lookup. Every function walks a list of different inputs and returns
 * what it found, so that nothing is optimised away; mitata warms up and repeats.
 */
import { bench, do_not_optimize, run } from "mitata";
import { Addr, makePrefix, PrefixMap, parseAddr, tryParseAddr } from "../../src/addr/index.js";
import { openRandom } from "../../src/base/index.js";

const random = openRandom("bench", "addr");
const COUNT = 4096;

const ip4 = Array.from({ length: COUNT }, () => new Addr("ip4", 0, 0, 0, random.nextU32()));
const pods = Array.from(
  { length: COUNT },
  () => new Addr("ip4", 0, 0, 0, 0x0a000000 | random.nextBelow(5000 << 8)),
);
const ip6 = Array.from(
  { length: COUNT },
  () =>
    new Addr("ip6", 0x20010db8, random.nextBelow(5000) << 8, random.nextU32(), random.nextU32()),
);
const ip4Texts = ip4.map(String);
const ip6Texts = ip6.map(String);

/** 5,000 routes as a border router has them: lengths 8 to 32 all over the space. */
const mixed = new PrefixMap<number>();
for (let i = 0; mixed.size < 5000; i++) {
  mixed.set(makePrefix(new Addr("ip4", 0, 0, 0, random.nextU32()), 8 + random.nextBelow(25)), i);
}
/** 5,000 nodes with a /24 each, and a default route. */
const nodes = new PrefixMap<number>();
const nodes6 = new PrefixMap<number>();
nodes.set(makePrefix(parseAddr("0.0.0.0"), 0), 0);
for (let i = 0; i < 5000; i++) {
  nodes.set(makePrefix(new Addr("ip4", 0, 0, 0, 0x0a000000 | (i << 8)), 24), i);
  nodes6.set(makePrefix(new Addr("ip6", 0x20010db8, i << 8, 0, 0), 64), i);
}

let at = 0;
const next = <T>(list: readonly T[]): T => {
  at = (at + 1) & (COUNT - 1);
  return list[at] as T;
};

bench("parse IPv4", () => do_not_optimize(tryParseAddr(next(ip4Texts))));
bench("parse IPv6", () => do_not_optimize(tryParseAddr(next(ip6Texts))));
bench("lookup, 5,000 mixed routes", () => do_not_optimize(mixed.lookup(next(ip4))));
bench("lookup, 5,000 node routes", () => do_not_optimize(nodes.lookup(next(pods))));
bench("lookup, 5,000 IPv6 node routes", () => do_not_optimize(nodes6.lookup(next(ip6))));

await run({ colors: false });
