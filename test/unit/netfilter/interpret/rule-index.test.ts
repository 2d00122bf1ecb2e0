/** Which rules of a chain a packet's key leaves to be looked at. */
import { expect, test } from "vitest";
import { IpsetStore, parseIpsetSave, parseIptablesSave } from "../../../../src/netfilter/index.js";
import type { Ask } from "../../../../src/netfilter/interpret/ask.js";
import { RuleIndex } from "../../../../src/netfilter/interpret/iptables/rule-index.js";
import { skbOf } from "../../../support/netfilter/host.js";

const SETS = `create a hash:ip family inet
create b hash:ip family inet
create c hash:ip family inet
create d hash:ip family inet
create nets hash:net family inet
create timed hash:ip family inet timeout 9
add a 10.0.0.1
add a 10.0.0.2
add b 10.0.0.2
add c 10.0.0.3
add timed 10.0.0.2
add nets 10.0.0.0/24`;

/** The places that are looked at, once the chain has been walked often. */
function places(rules: readonly string[], phrase = "tcp 10.0.0.1:1000 10.0.0.2:80"): number[] {
  const text = ["*filter", ":C - [0:0]", ...rules.map((rule) => `-A C ${rule}`), "COMMIT", ""];
  const [table] = parseIptablesSave(text.join("\n"), { family: "ip4" }).tables;
  const parsed = table?.chains[0]?.rules ?? [];
  const sets = new IpsetStore(parseIpsetSave(SETS), () => 0);
  const index = new RuleIndex(parsed, sets);
  const ask = { skb: skbOf(phrase), iif: "eth0", oif: undefined } as Ask;
  let seen: number[] = [];
  for (let walk = 0; walk < 9; walk++) {
    seen = [];
    index.begin();
    for (let at = index.next(0, ask); at < parsed.length; at = index.next(at + 1, ask)) {
      seen.push(at);
    }
  }
  return seen;
}

test.each([
  // Runs of each key.
  ["destinations", [1, 2, 3, 2, 4].map((n) => `-d 10.0.0.${n}/32`), [1, 3]],
  ["sources", [2, 1, 3, 4, 5].map((n) => `-s 10.0.0.${n}/32`), [1]],
  ["links in", ["eth1", "eth0", "lo", "eth2"].map((link) => `-i ${link}`), [1]],
  ["links out, of which there is none", ["a", "b", "c", "d"].map((link) => `-o ${link}`), []],
  ["ports", [53, 80, 81, 80].map((n) => `-p tcp -m tcp --dport ${n}`), [1, 3]],
  [
    "ports of protocols",
    ["udp", "sctp", "tcp", "udp"].map((p) => `-p ${p} -m ${p} --dport 80`),
    [2],
  ],
  ["sets", ["a", "b", "c", "d"].map((name) => `-m set --match-set ${name} dst`), [0, 1]],
  ["sets of sources", ["a", "b", "c", "d"].map((name) => `-m set --match-set ${name} src`), [0]],
  // Keys behind what is told apart by nothing.
  ["behind others", [1, 2, 3, 4].map((n) => `-p tcp -m comment --comment x -d 10.0.0.${n}`), [1]],
  // Rules before, between and behind runs.
  [
    "two runs",
    [
      "-p tcp",
      ...[1, 2, 3, 4].map((n) => `-d 10.0.0.${n}/32`),
      ...[1, 2, 3, 4].map((n) => `-s 10.0.0.${n}/32`),
      "-p udp",
    ],
    [0, 2, 5, 9],
  ],
])("%s", (_, rules, expected) => {
  expect(places(rules)).toEqual(expected);
});

test.each([
  ["fewer than four", [1, 2, 3].map((n) => `-d 10.0.0.${n}/32`)],
  ["negated", [1, 3, 4, 5].map((n) => `! -d 10.0.0.${n}/32`)],
  ["networks", [1, 2, 3, 4].map((n) => `-d 10.0.${n}.0/24`)],
  ["names with a wildcard", ["a+", "b+", "c+", "d+"].map((link) => `-i ${link}`)],
  ["ranges of ports", [1, 2, 3, 4].map((n) => `-p tcp -m tcp --dport ${n}:99`)],
  ["a set with times", ["a", "b", "timed", "d"].map((s) => `-m set --match-set ${s} dst`)],
  ["a set of networks", ["a", "b", "nets", "d"].map((s) => `-m set --match-set ${s} dst`)],
  ["a set that is missing", ["a", "b", "none", "d"].map((s) => `-m set --match-set ${s} dst`)],
  [
    "behind what counts packets",
    ["a", "b", "c", "d"].map(
      (s) => `-m statistic --mode nth --every 2 --packet 0 -m set --match-set ${s} dst`,
    ),
  ],
])("every rule is looked at: %s", (_, rules) => {
  expect(places(rules)).toEqual(rules.map((__, at) => at));
});
