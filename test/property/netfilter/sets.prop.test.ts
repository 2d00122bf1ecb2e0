/** Law: an ipset finds what a search through all its elements finds. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { makePrefix, type Prefix, parseAddr } from "../../../src/addr/index.js";
import { type IpsetConfig, IpsetStore, type Skb } from "../../../src/netfilter/index.js";
import { skbOf } from "../../support/netfilter/host.js";

const seed = 20261123;

const lengths = fc.constantFrom(8, 16, 24, 30, 32);
const octet = fc.constantFrom(0, 1, 2, 3, 128);
const anyNet = fc.tuple(octet, octet, lengths).map(([a, b, length]) => `10.${a}.0.${b}/${length}`);
const anyPort = fc.constantFrom(53, 80, 443);

interface Element {
  readonly net: string;
  readonly port: number;
  readonly nomatch: boolean;
}

const anyElements: fc.Arbitrary<Element[]> = fc.array(
  fc.record({ net: anyNet, port: anyPort, nomatch: fc.boolean() }),
  { maxLength: 12 },
);
const anyPacket = fc.tuple(octet, octet, anyPort);

function prefixOf(net: string): Prefix {
  const [addr = "", length = "32"] = net.split("/");
  return makePrefix(parseAddr(addr), Number(length));
}

/** The longest network that holds the address decides; of equal elements the last one counts. */
function search(elements: readonly Element[], skb: Skb, useLength = true): boolean {
  const { dst, payload } = skb.packet;
  const port = payload.kind === "tcp" ? payload.dport : 0;
  const found = elements
    .map((element) => ({ ...element, prefix: prefixOf(element.net) }))
    .filter((element) => element.prefix.contains(dst) && element.port === port);
  if (found.length === 0) return false;
  const longest = Math.max(...found.map((element) => element.prefix.bits));
  const deciding = useLength ? found.filter((e) => e.prefix.bits === longest) : found;
  return deciding.at(-1)?.nomatch === false;
}

function storeOf(elements: readonly Element[]): IpsetStore {
  const config: IpsetConfig = {
    name: "s",
    type: "hash:net,port",
    family: "ip4",
    options: [],
    entries: elements.map(({ net, port, nomatch }) => ({
      text: `${net},tcp:${port}`,
      ...(nomatch ? { nomatch } : {}),
    })),
  };
  return new IpsetStore([config], () => 0);
}

function check(useLength: boolean, seen: Set<string>) {
  return fc.property(anyElements, anyPacket, (elements, [a, b, port]) => {
    const skb = skbOf(`tcp 192.0.2.1:1 10.${a}.0.${b}:${port}`);
    const answer = storeOf(elements).test("s", ["dst", "dst"], {
      skb,
      iif: undefined,
      oif: undefined,
    });
    expect(answer).toBe(search(elements, skb, useLength) ? "in" : "out");
    if (typeof answer === "string") seen.add(answer);
  });
}

test("a set of networks and ports finds what a search finds", () => {
  const seen = new Set<string>();
  fc.assert(check(true, seen), { seed, numRuns: 1000 });
  expect([...seen].sort((x, y) => (x < y ? -1 : 1))).toEqual(["in", "out"]);
});

test("a search that forgets the longest network is caught", () => {
  expect(() => fc.assert(check(false, new Set()), { seed, numRuns: 1000 })).toThrow();
});
