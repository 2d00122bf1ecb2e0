/**
 * Law: leaving out rules that a packet cannot meet makes no difference. Two hosts with the same random
 * rules see the same packets, one after the other; one looks at every rule. They tell the same traces,
 * answer the same, and leave the same marks, whatever the rules remember of packets before.
 */
import fc from "fast-check";
import { afterEach, expect, test, vi } from "vitest";
import type { Skb } from "../../../src/netfilter/index.js";
import { RuleIndex } from "../../../src/netfilter/interpret/iptables/rule-index.js";
import { Host, skbOf } from "../../support/netfilter/host.js";

const seed = 20261125;

/** A small world: six addresses, four ports, three links; packets and rules meet often. */
const addr = fc.integer({ min: 1, max: 6 });
const port = fc.constantFrom(53, 80, 81, 443);
const proto = fc.constantFrom("tcp", "udp", "sctp");
const link = fc.constantFrom("eth0", "eth1", "veth+");
const set = fc.constantFrom(
  "a",
  "b",
  "c",
  "a",
  "b",
  "c",
  "a",
  "b",
  "c",
  "timed",
  "nets",
  "ports",
  "changed",
);
const side = fc.constantFrom("src", "dst");
const maybeNot = fc.constantFrom(...Array(11).fill(""), "! ");
const text = (a: number) => (family: "ip4" | "ip6") =>
  family === "ip4" ? `10.0.0.${a}` : `fd00::${a}`;

type Words = (family: "ip4" | "ip6") => string;
const single = (family: "ip4" | "ip6") => (family === "ip4" ? 32 : 128);

const setMatch = fc.tuple(maybeNot, set, side).map(([not, name, which]): Words => {
  const sides = name === "ports" ? `${which},${which}` : which;
  return (family) => `-m set ${not}--match-set ${name}${family.slice(2)} ${sides}`;
});
const addrMatch = (option: string) =>
  fc.tuple(maybeNot, addr, fc.constantFrom(0, 0, 0, 1)).map(([not, a, wider]): Words => {
    return (family) => `${not}${option} ${text(a)(family)}/${single(family) - wider}`;
  });
const linkMatch = (option: string) =>
  fc.tuple(maybeNot, link).map(
    ([not, name]): Words =>
      () =>
        `${not}${option} ${name}`,
  );
const portMatch = fc
  .tuple(proto, maybeNot, port, fc.constantFrom("", "", "", ":443"))
  .map(([p, not, number, upTo]): Words => {
    return () => `-p ${p} -m ${p} ${not}--dport ${number}${upTo}`;
  });

/** What a run of rules is told apart by. */
const KEYS = [
  addrMatch("-d"),
  addrMatch("-s"),
  linkMatch("-i"),
  linkMatch("-o"),
  portMatch,
  setMatch,
] as const;

/** What stands before or behind it; some of it remembers packets, some is not modelled. */
const other = fc.oneof(
  { weight: 25, arbitrary: fc.constant<Words>(() => "") },
  {
    weight: 1,
    arbitrary: fc.constant<Words>(() => "-m statistic --mode nth --every 2 --packet 0"),
  },
  { weight: 1, arbitrary: fc.constant<Words>(() => "-m limit --limit 1/sec --limit-burst 2") },
  { weight: 1, arbitrary: fc.constant<Words>(() => "-m recent --update --name r --rsource") },
  { weight: 1, arbitrary: fc.constant<Words>(() => "-m mark --mark 0x1/0x1") },
  { weight: 1, arbitrary: setMatch },
);
/** Seldom, so that most packets have a fate. */
const unmodelled = fc.constantFrom<Words>(...Array(99).fill(() => ""), () => "-m quota --quota 9");

const LAST = 3;
const target = (chain: number) => {
  const deeper = fc.integer({ min: Math.min(chain + 1, LAST), max: LAST });
  return fc.oneof(
    fc.constantFrom("-j MARK --set-xmark 0x1/0x1", "-j MARK --set-xmark 0x0/0x1", "-j RETURN", ""),
    fc.constantFrom("-j ACCEPT", "-j DROP", ...Array(9).fill(""), "-j MARK --set-xmark 0x2/0x2"),
    fc.constantFrom(
      "-j SET --add-set changed@ src",
      "-j SET --del-set changed@ dst",
      ...Array(9).fill(""),
    ),
    ...(chain === LAST ? [] : [deeper.map((to) => `-j C${to}`), deeper.map((to) => `-g C${to}`)]),
  );
};

/** A run of rules of one shape, or of all shapes mixed. */
function anyRun(chain: number): fc.Arbitrary<Words[]> {
  const runs = [...KEYS, fc.oneof(...KEYS)].map((key) => {
    const rule = fc
      .tuple(other, key, other, unmodelled, target(chain))
      .map(([before, own, behind, strange, to]): Words => {
        return (family) =>
          [before, own, behind, strange]
            .map((words) => words(family))
            .concat(to.replace("@", family.slice(2)))
            .filter((words) => words !== "")
            .join(" ");
      });
    return fc.array(rule, { minLength: 1, maxLength: 9 });
  });
  return fc.oneof(...runs);
}

const anyRules = fc
  .tuple(...[0, 1, 2, LAST].map((chain) => fc.array(anyRun(chain), { minLength: 1, maxLength: 3 })))
  .map((chains) => (family: "ip4" | "ip6") => {
    const rules = chains.flatMap((runs, chain) =>
      runs.flat().map((words) => `-A ${chain === 0 ? "FORWARD" : `C${chain}`} ${words(family)}`),
    );
    const names = [1, 2, LAST].map((chain) => `:C${chain} - [0:0]`);
    return ["*filter", ":FORWARD ACCEPT [0:0]", ...names, ...rules, "COMMIT", ""].join("\n");
  });

const elements = fc.subarray([1, 2, 3, 4, 5, 6]);
const anySets = fc.tuple(elements, elements, elements, elements, elements).map((lists) => {
  const [a = [], b = [], c = [], timed = [], changed = []] = lists;
  return (["ip4", "ip6"] as const)
    .flatMap((family) => {
      const n = family.slice(2);
      const inet = `family ${family === "ip4" ? "inet" : "inet6"}`;
      const add = (name: string, list: readonly number[]) =>
        list.map((element) => `add ${name}${n} ${text(element)(family)}`);
      return [
        ...["a", "b", "c", "changed"].map((name) => `create ${name}${n} hash:ip ${inet}`),
        `create timed${n} hash:ip ${inet} timeout 5`,
        `create nets${n} hash:net ${inet}`,
        `create ports${n} hash:ip,port ${inet}`,
        ...[...add("a", a), ...add("b", b), ...add("c", c), ...add("changed", changed)],
        ...timed.map((element) => `add timed${n} ${text(element)(family)} timeout ${element}`),
        `add nets${n} ${text(2)(family)}/${single(family) - 1}`,
        `add ports${n} ${text(3)(family)},tcp:80`,
      ];
    })
    .join("\n");
});

const anyPacket = fc.record({
  kind: fc.constantFrom("tcp", "udp", "icmp"),
  src: addr,
  dst: addr,
  port,
  iif: fc.constantFrom("eth0", "veth1"),
  oif: fc.constantFrom("eth1", "veth2"),
});
const anyPackets = fc.array(anyPacket, { minLength: 10, maxLength: 25 });

type PacketOf = (typeof anyPacket extends fc.Arbitrary<infer T> ? T : never) & object;

function makeSkb({ kind, src, dst, port: dport, iif, oif }: PacketOf, family: "ip4" | "ip6"): Skb {
  const end = (a: number, number: number) => {
    const at = text(a)(family);
    return family === "ip4" ? `${at}:${number}` : `[${at}]:${number}`;
  };
  return skbOf(`${kind} ${end(src, 1000)} ${end(dst, dport)}`, { iif, oif });
}

function law(seen: Set<string>) {
  const anyFamily = fc.constantFrom("ip4" as const, "ip6" as const);
  return fc.property(anyRules, anySets, anyPackets, anyFamily, (rules, ipset, packets, family) => {
    const own = { [family === "ip4" ? "iptables" : "ip6tables"]: rules(family), ipset };
    const quick = new Host(own);
    const plain = new Host({ ...own, looksAtEveryRule: true });
    for (const packet of packets) {
      const [ours, theirs] = [makeSkb(packet, family), makeSkb(packet, family)];
      const result = quick.ask("forward", ours);
      expect(result).toEqual(plain.ask("forward", theirs));
      expect(quick.steps).toEqual(plain.steps);
      expect(ours.mark).toBe(theirs.mark);
      seen.add(result.kind);
      for (const host of [quick, plain]) host.nowUs += 500_000;
    }
  });
}

const RUNS = { seed, numRuns: 400 };

/** Counts how often rules were left out, by how many. */
function watch(change = (found: number, _at: number) => found) {
  const original = RuleIndex.prototype.next;
  const counts = { leftOut: 0, asked: 0 };
  vi.spyOn(RuleIndex.prototype, "next").mockImplementation(function (this: RuleIndex, at, ask) {
    const found = original.call(this, at, ask);
    counts.asked++;
    if (found > at) counts.leftOut++;
    return change(found, at);
  });
  return counts;
}

afterEach(() => {
  vi.restoreAllMocks();
});

test("chains give the same traces whether rules are left out or not", () => {
  const counts = watch();
  const seen = new Set<string>();
  fc.assert(law(seen), RUNS);
  expect([...seen].sort((a, b) => (a < b ? -1 : 1))).toEqual(["accept", "drop", "unknown"]);
  expect(counts.leftOut).toBeGreaterThan(1000);
  expect(counts.asked).toBeGreaterThan(counts.leftOut);
});

test("an index that leaves out one rule more is caught", () => {
  watch((found, at) => (found > at ? found + 1 : found));
  expect(() => fc.assert(law(new Set()), { ...RUNS, endOnFailure: true })).toThrow();
});
