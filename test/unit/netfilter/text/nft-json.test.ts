/** One ruleset as nft 1.0.6 listed it, as text and as JSON: both are read to the same. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { InputError } from "../../../../src/base/index.js";
import { parseNftJson, parseNftRuleset, printNftRuleset } from "../../../../src/netfilter/index.js";

const golden = (name: string) =>
  readFileSync(new URL(`../../../golden/netfilter/${name}`, import.meta.url), "utf8");
const TEXT = golden("nft-1.0.6-ruleset.txt");
const JSON_TEXT = golden("nft-1.0.6-ruleset.json");

/** The text as it would be if nft told as little in it as it does in JSON. */
function asTold(text: string): string {
  return text
    .replaceAll(/^\tcomment ".*"\n/gm, "")
    .replaceAll(/^\t\tauto-merge\n/gm, "")
    .replaceAll("typeof ip saddr", "type ipv4_addr")
    .replaceAll("flags dynamic,", "flags ")
    .replaceAll(/(expires \S+?s)\d+ms/g, "$1")
    .replaceAll(/ device "lo"/g, "");
}

describe("nft's listing of a ruleset with everything in it", () => {
  test("prints as it was read", () => {
    expect(printNftRuleset(parseNftRuleset(TEXT))).toBe(TEXT);
  });

  test("is the same in JSON, but for what nft leaves out there", () => {
    const ruleset = parseNftJson(JSON.parse(JSON_TEXT));
    expect(printNftRuleset(ruleset)).toBe(asTold(TEXT));
    expect(parseNftRuleset(printNftRuleset(ruleset))).toEqual(parseNftRuleset(asTold(TEXT)));
  });
});

const TABLE = { table: { family: "ip", name: "t" } };
const within = (kind: string, body: object) => ({
  nftables: [TABLE, { [kind]: { family: "ip", table: "t", name: "x", ...body } }],
});

test.each([
  ["flowtable", { hook: "ingress", prio: 0, dev: ["a", "b"] }, "devices = { a, b }"],
  [
    "ct timeout",
    { protocol: "tcp", l3proto: "ip", policy: { close: 20 } },
    "policy = { close : 20 }",
  ],
  ["secmark", { context: "system_u" }, '"system_u"'],
])("%s is kept as its lines", (kind, body, line) => {
  expect(printNftRuleset(parseNftJson(within(kind, body)))).toContain(`\t\t${line}\n`);
});

test.each([
  [{ nftables: [{ table: { family: "ipx", name: "t" } }] }, "nftables[0].table.family"],
  [{ nftables: [{ table: { ...TABLE.table, flags: "cnt" } }] }, "nftables[0].table.flags"],
  [within("chain", { type: "filter", hook: "nowhere", prio: 0 }), "nftables[1].chain.hook"],
  [within("chain", { type: "x", hook: "input", prio: 0 }), "nftables[1].chain.type"],
  [within("chain", { type: "nat", hook: "input", prio: "a" }), "nftables[1].chain.prio"],
  [within("tunnel", {}), "nftables[1].tunnel"],
  [within("rule", { chain: "missing" }), "nftables[1].rule.chain"],
  [within("set", { type: "mark", elem: [{ range: 1 }] }), "nftables[1].set"],
])("what nft cannot have printed is refused with its place: %j", (json, path) => {
  const faults = (() => {
    try {
      parseNftJson(json, "nft.json");
      return [];
    } catch (error) {
      return (error as InputError).faults;
    }
  })();
  expect(faults.map((fault) => [fault.path, fault.file])).toEqual([[path, "nft.json"]]);
});
