import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { InputError } from "../../../../src/base/index.js";
import {
  applyNft,
  isIptablesTable,
  type NftRuleset,
  parseNftJson,
  parseNftRuleset,
  printNftRuleset,
} from "../../../../src/netfilter/index.js";

const golden = (name: string) =>
  readFileSync(new URL(`../../../golden/netfilter/${name}`, import.meta.url), "utf8").trimEnd();

/** Texts of statements that were not understood. */
function unknowns(ruleset: NftRuleset): string[] {
  return ruleset.tables.flatMap((t) =>
    t.chains.flatMap((c) =>
      c.rules.flatMap((r) => r.statements.flatMap((s) => (s.kind === "unknown" ? [s.text] : []))),
    ),
  );
}

test.each(["nft-1.0.6-statements.txt", "nft-1.0.6-sets.txt"])("%s prints as it was", (name) => {
  const text = golden(name);
  const ruleset = parseNftRuleset(text);
  expect(printNftRuleset(ruleset).trimEnd()).toBe(text);
  expect(unknowns(ruleset).length).toBeLessThan(7);
});

/** A chain with one rule, as written and as printed. */
test.each([
  ["mark set mark or 0x4000", "meta mark set meta mark | 0x00004000"],
  ["mark and 0x4000 == 0 return", "meta mark & 0x00004000 == 0x00000000 return"],
  ["meta mark != 5 drop", "meta mark != 0x00000005 drop"],
  ["iif lo accept", "iif lo accept"],
  ["counter accept", "counter packets 0 bytes 0 accept"],
  ["reject with icmp type port-unreachable", "reject"],
  ["reject with icmp type host-unreachable", "reject with icmp host-unreachable"],
  ["dnat to [fd00::5]:80", "dnat to [fd00::5]:80"],
  ["ip saddr { 10.0.0.1,10.0.0.2 } drop", "ip saddr { 10.0.0.1, 10.0.0.2 } drop"],
  ['log prefix "a b" level info', 'log prefix "a b" level info'],
  ["limit rate 5/second burst 10 packets accept", "limit rate 5/second burst 10 packets accept"],
  ['frobnicate 5 times comment "x"', 'frobnicate 5 times comment "x"'],
])("%s", (written, printed) => {
  const text = `table ip t {\n\tchain c {\n\t\t${written}\n\t}\n}\n`;
  const out = printNftRuleset(parseNftRuleset(text));
  expect(out.split("\n")[2]?.trim()).toBe(printed);
  expect(printNftRuleset(parseNftRuleset(out))).toBe(out);
});

describe("commands", () => {
  const text = [
    'add table ip kube-proxy { comment "rules" ; }',
    "add chain ip kube-proxy nat-prerouting { type nat hook prerouting priority -100 ; }",
    "add chain ip kube-proxy services",
    "add set ip kube-proxy cluster-ips { type ipv4_addr ; }",
    "add map ip kube-proxy m { type ipv4_addr . inet_proto . inet_service : verdict ; }",
    "add element ip kube-proxy cluster-ips { 10.0.0.1 }",
    'add element ip kube-proxy m { 10.0.0.1 . tcp . 80 comment "a/b:p" : goto services }',
    "add rule ip kube-proxy nat-prerouting jump services",
    "insert rule ip kube-proxy nat-prerouting ip daddr @cluster-ips accept",
  ].join("\n");

  test("build a table", () => {
    expect(printNftRuleset(parseNftRuleset(text)).split("\n")).toEqual([
      "table ip kube-proxy {",
      '\tcomment "rules"',
      "\tset cluster-ips {",
      "\t\ttype ipv4_addr",
      "\t\telements = { 10.0.0.1 }",
      "\t}",
      "",
      "\tmap m {",
      "\t\ttype ipv4_addr . inet_proto . inet_service : verdict",
      '\t\telements = { 10.0.0.1 . tcp . 80 comment "a/b:p" : goto services }',
      "\t}",
      "",
      "\tchain nat-prerouting {",
      "\t\ttype nat hook prerouting priority dstnat; policy accept;",
      "\t\tip daddr @cluster-ips accept",
      "\t\tjump services",
      "\t}",
      "",
      "\tchain services {",
      "\t}",
      "}",
      "",
    ]);
  });

  test("take things away, and leave what was given as it was", () => {
    const before = parseNftRuleset(text);
    const printed = printNftRuleset(before);
    const after = applyNft(
      before,
      "delete element ip kube-proxy cluster-ips { 10.0.0.1 }\nflush chain ip kube-proxy nat-prerouting\n",
    );
    expect(after.tables[0]?.sets[0]?.elements).toEqual([]);
    expect(after.tables[0]?.chains[0]?.rules).toEqual([]);
    expect(printNftRuleset(before)).toBe(printed);
    expect(applyNft(before, "delete table ip kube-proxy").tables).toEqual([]);
  });
});

describe("a text that is not nft's", () => {
  test.each([
    ["table ip t {\n chain c {\n", 2],
    ["tabel ip t { }", 1],
    ["table ip t {\n what { }\n}", 2],
    ["table ip t {\n chain c {\n type filter hook nowhere priority 0;\n }\n}", 3],
    ["table ip t {\n chain c {\n type filter hook input priority nothing;\n }\n}", 3],
    ['table ip t {\n chain c {\n log prefix "x\n }\n}', 3],
    ["table ip t {\n set s {\n type ipv4_addr\n elements = { 1.1.1.1\n", 4],
    ["add rule ip t c drop", 1],
  ])("%j is refused in line %i", (text, line) => {
    try {
      parseNftRuleset(text, "rules");
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
      expect((error as InputError).faults[0]).toMatchObject({ file: "rules", line });
    }
  });
});

test("tables of iptables are told by their chains", () => {
  const tables = parseNftRuleset(
    [
      "table ip filter {\n\tchain INPUT {\n\t\ttype filter hook input priority filter; policy accept;",
      "\t\tmeta l4proto tcp counter packets 0 bytes 0 meta mark set mark or 0x4000 ",
      "\t}\n}\ntable ip nat {\n\tchain prerouting {",
      "\t\ttype nat hook prerouting priority dstnat; policy accept;\n\t}\n}\n",
    ].join("\n"),
  ).tables;
  expect(tables.map(isIptablesTable)).toEqual([true, false]);
});

test("JSON gives the same trees", () => {
  const json = {
    nftables: [
      { metainfo: { version: "1.0.6" } },
      { table: { family: "ip", name: "t", handle: 1 } },
      { set: { family: "ip", table: "t", name: "s", type: "ipv4_addr", elem: ["192.0.2.1"] } },
      {
        chain: {
          family: "ip",
          table: "t",
          name: "c",
          type: "filter",
          hook: "input",
          prio: -10,
          policy: "drop",
        },
      },
      {
        rule: {
          family: "ip",
          table: "t",
          chain: "c",
          comment: "x",
          expr: [
            {
              match: {
                op: "!=",
                left: { payload: { protocol: "ip", field: "saddr" } },
                right: "@s",
              },
            },
            {
              match: {
                op: "in",
                left: { ct: { key: "state" } },
                right: ["established", "related"],
              },
            },
            { match: { op: "==", left: { meta: { key: "iifname" } }, right: "eth0" } },
            { counter: { packets: 1, bytes: 2 } },
            { reject: { type: "tcp reset" } },
          ],
        },
      },
    ],
  };
  expect(printNftRuleset(parseNftJson(json)).split("\n").slice(6, 10)).toEqual([
    "\tchain c {",
    "\t\ttype filter hook input priority filter - 10; policy drop;",
    '\t\tip saddr != @s ct state established,related iifname "eth0" counter packets 1 bytes 2 reject with tcp reset comment "x"',
    "\t}",
  ]);
  expect(() => parseNftJson({ nftables: [{ chain: { family: "ip", table: "x" } }] })).toThrow(
    InputError,
  );
  expect(() => parseNftJson(5)).toThrow(InputError);
});
