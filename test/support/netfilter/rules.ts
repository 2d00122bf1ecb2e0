/** Random rules of iptables as trees, for laws about printing, reading and meaning. */
import fc from "fast-check";
import { type Family, makePrefix, makeRange, parseAddr } from "../../../src/addr/index.js";
import type { IptablesMatch, IptablesRule, IptablesTarget } from "../../../src/netfilter/index.js";

const not = fc.boolean().map((negated) => (negated ? { not: true } : {}));
const portRange = fc
  .tuple(fc.nat(65535), fc.nat(65535))
  .map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) }));
const bits = fc.nat(0xffffffff);
const name = fc.constantFrom("eth0", "cni0", "veth+", "lo");
const comment = fc.string({
  minLength: 1,
  maxLength: 20,
  unit: fc.constantFrom(..."ab \"'\\:/-!,>"),
});

function addrOf(family: Family) {
  const text = family === "ip4" ? ["10.0.0.1", "192.0.2.77"] : ["fd00::1", "2001:db8::77"];
  return fc.constantFrom(...text.map(parseAddr));
}

function network(family: Family) {
  const most = family === "ip4" ? 32 : 128;
  return fc.tuple(addrOf(family), fc.integer({ min: 1, max: most })).map(([addr, length]) => {
    const prefix = makePrefix(addr, length);
    return length === most ? { prefix, spelling: "prefix" as const } : { prefix };
  });
}

const states = fc.subarray(["INVALID", "NEW", "RELATED", "ESTABLISHED", "SNAT", "DNAT"] as const, {
  minLength: 1,
});

/** Matches that may stand in any rule. */
export function anyMatch(family: Family): fc.Arbitrary<IptablesMatch> {
  const types = fc.subarray(["UNICAST", "LOCAL", "BROADCAST"] as const, { minLength: 1 });
  const mark = fc.tuple(bits, bits).map(([a, b]) => ({ value: (a & b) >>> 0, mask: b }));
  return fc.oneof(
    fc.record({ kind: fc.constant("comment" as const), comment }),
    fc.tuple(mark, not).map(([m, n]) => ({ kind: "mark" as const, ...m, ...n })),
    fc.tuple(states, not).map(([list, n]) => ({
      kind: "conntrack" as const,
      ctstate: { states: list, ...n },
    })),
    fc.tuple(types, not).map(([list, n]) => ({
      kind: "addrtype" as const,
      dstType: { types: list, ...n },
    })),
    fc.tuple(addrOf(family), not).map(([addr, n]) => ({
      kind: "iprange" as const,
      src: { range: makeRange(addr, addr), ...n },
    })),
    // What iptables prints of a range that nothing is in.
    fc.tuple(addrOf(family), addrOf(family)).map(([a, b]) => ({
      kind: "iprange" as const,
      dst: { range: a.compare(b) > 0 ? { first: a, last: b } : makeRange(a, b) },
    })),
    fc.record(
      {
        kind: fc.constant("connbytes" as const),
        first: fc.nat(1e9),
        mode: fc.constantFrom("packets" as const, "bytes" as const, "avgpkt" as const),
        direction: fc.constantFrom("original" as const, "reply" as const, "both" as const),
        last: fc.integer({ min: 1e9, max: 2e9 }),
        not: fc.constant(true),
      },
      { requiredKeys: ["kind", "first", "mode", "direction"] },
    ),
    fc.tuple(fc.integer({ min: 1, max: 9 }), fc.nat(8)).map(([every, packet]) => ({
      kind: "statistic" as const,
      mode: "nth" as const,
      every,
      packet: packet % every,
    })),
    fc.tuple(fc.constantFrom("src", "dst"), not).map(([side, n]) => ({
      kind: "set" as const,
      name: "s",
      directions: [side as "src" | "dst"],
      ...n,
    })),
    fc.tuple(name, not).map(([link, n]) => ({ kind: "physdev" as const, in: { link, ...n } })),
    fc.tuple(portRange, not).map(([range, n]) => ({ kind: "length" as const, range, ...n })),
  );
}

/** Addresses, links and protocol, each at most once and in iptables' order. */
function anyHead(family: Family): fc.Arbitrary<IptablesMatch[]> {
  const source = fc
    .tuple(network(family), not)
    .map(([p, n]) => ({ kind: "source" as const, ...p, ...n }));
  const destination = fc
    .tuple(network(family), not)
    .map(([p, n]) => ({ kind: "destination" as const, ...p, ...n }));
  const link = fc
    .tuple(name, not)
    .map(([l, n]) => ({ kind: "in-interface" as const, link: l, ...n }));
  return fc
    .tuple(fc.option(source), fc.option(destination), fc.option(link))
    .map((parts) => parts.filter((part): part is NonNullable<typeof part> => part !== null));
}

const anyTarget: fc.Arbitrary<IptablesTarget> = fc.oneof(
  fc.constantFrom(
    { kind: "ACCEPT" as const },
    { kind: "DROP" as const },
    { kind: "RETURN" as const },
  ),
  fc.constantFrom({ kind: "jump" as const, chain: "U0" }, { kind: "goto" as const, chain: "U1" }),
  fc.tuple(bits, bits).map(([value, mask]) => ({ kind: "MARK" as const, value, mask })),
);

/** One rule; ports only with their protocol. */
export function anyRule(family: Family): fc.Arbitrary<IptablesRule> {
  const ports = fc
    .tuple(fc.constantFrom("tcp", "udp", "sctp"), portRange, not)
    .map(([protocol, dport, n]) => [
      { kind: "protocol" as const, protocol },
      { kind: protocol, dport: { ...dport, ...n } } as IptablesMatch,
    ]);
  return fc
    .record({
      head: anyHead(family),
      ports: fc.option(ports, { nil: [] as IptablesMatch[] }),
      matches: fc.array(anyMatch(family), { maxLength: 3 }),
      target: fc.option(anyTarget, { nil: undefined }),
    })
    .map((r) => ({
      matches: [...r.head, ...r.ports.slice(0, 1), ...r.ports.slice(1), ...r.matches],
      ...(r.target === undefined ? {} : { target: r.target }),
    }));
}
