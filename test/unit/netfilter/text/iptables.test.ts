import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Family } from "../../../../src/addr/index.js";
import { InputError } from "../../../../src/base/index.js";
import {
  applyRestore,
  parseIptablesSave,
  parseRestore,
  printIptablesSave,
  splitWords,
} from "../../../../src/netfilter/index.js";

const ip4 = { family: "ip4", file: "rules" } as const;

/** What the text leaves, as iptables-save prints it. */
function saved(text: string, family: Family = "ip4"): string {
  return printIptablesSave(parseIptablesSave(text, { family }));
}

function rulesOf(text: string): string[] {
  return text.split("\n").filter((line) => line.startsWith("-A"));
}

/** Rules as people write them (`<`), and what the real tool made of them (`>`). */
function readGolden(name: string): { table: string; written: string; saved: string[] }[] {
  const file = new URL(`../../../golden/netfilter/${name}`, import.meta.url);
  const rows: { table: string; written: string; saved: string[] }[] = [];
  let table = "";
  for (const line of readFileSync(file, "utf8").split("\n")) {
    if (line.startsWith("*")) table = line.slice(1);
    else if (line.startsWith("< ")) rows.push({ table, written: line.slice(2), saved: [] });
    else if (line.startsWith("> ")) rows.at(-1)?.saved.push(line.slice(2));
  }
  return rows;
}

const whole = (table: string, lines: readonly string[]) =>
  [`*${table}`, ":KUBE-SVC-X - [0:0]", ":KUBE-SEP-Y - [0:0]", ...lines, "COMMIT", ""].join("\n");

describe.each([
  ["iptables-save-1.8.9.txt", "ip4"],
  ["ip6tables-save-1.8.9.txt", "ip6"],
] as const)("%s", (name, family) => {
  const rows = readGolden(name);
  test("holds rows", () => expect(rows.length).toBeGreaterThan(15));

  test.each(rows)("$written", ({ table, written, saved: expected }) => {
    expect(rulesOf(saved(whole(table, [written]), family))).toEqual(expected);
    // What was printed reads and prints as itself.
    expect(rulesOf(saved(whole(table, expected), family))).toEqual(expected);
  });
});

describe("words", () => {
  test.each([
    ["-A INPUT  -j DROP", ["-A", "INPUT", "-j", "DROP"]],
    ['--comment "a b" x', ["--comment", "a b", "x"]],
    ['--comment "a \\" \\\\ b"', ["--comment", 'a " \\ b']],
    ['--comment ""', ["--comment", ""]],
    ['a"b c"d', ["ab cd"]],
    ["  x\t", ["x"]],
  ])("%s", (line, words) => expect(splitWords(line)).toEqual(words));
});

describe("a text with faults", () => {
  test.each([
    ["*filter\n-A INPUT --dport 80\nCOMMIT\n", "unknown-option", 2],
    ["*filter\n-A INPUT -p tcp --dport 99999\nCOMMIT\n", "bad-number", 2],
    ["*filter\n-A INPUT -p tcp --dport 9:8\nCOMMIT\n", "bad-port", 2],
    ["*filter\n-A INPUT -s 10.0.0.300\nCOMMIT\n", "bad-address", 2],
    ["*filter\n-A INPUT -s 10.0.0.0/33\nCOMMIT\n", "bad-prefix", 2],
    ["*filter\n-A INPUT -s fd00::1\nCOMMIT\n", "bad-address", 2],
    ["*filter\n-A INPUT -p nonsense\nCOMMIT\n", "bad-protocol", 2],
    ["*filter\n-A INPUT -j\nCOMMIT\n", "missing-word", 2],
    ["*filter\n-A INPUT -j NOWHERE\nCOMMIT\n", "no-such-chain", 2],
    ["*filter\n-A NOWHERE -j DROP\nCOMMIT\n", "no-such-chain", 2],
    ['*filter\n-A INPUT -m comment --comment "x\nCOMMIT\n', "unclosed-quote", 2],
    ["*filter\n:INPUT MAYBE [0:0]\nCOMMIT\n", "bad-policy", 2],
    ["*filter\n:INPUT ACCEPT 0:0\nCOMMIT\n", "bad-counters", 2],
    ["*filter\n-Q INPUT\nCOMMIT\n", "unknown-command", 2],
    ["*filtr\nCOMMIT\n", "no-such-table", 1],
    ["-A INPUT -j DROP\n", "no-table", 1],
    ["*filter\n-A INPUT -j DROP\n", "missing-commit", 2],
    ["*filter\n-D INPUT -j DROP\nCOMMIT\n", "no-such-rule", 2],
    ["*filter\n:X - [0:0]\n-A X -j DROP\n-X X\nCOMMIT\n", "chain-in-use", 4],
    ["*nat\n-A PREROUTING -j DNAT\nCOMMIT\n", "missing-option", 2],
    ["*filter\n-A INPUT -m conntrack --ctstate OLD\nCOMMIT\n", "bad-word", 2],
    ["*filter\n-A INPUT -m statistic --mode random --probability 2\nCOMMIT\n", "bad-number", 2],
  ])("%j: %s in line %i", (text, code, line) => {
    try {
      parseIptablesSave(text, ip4);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
      expect((error as InputError).faults[0]).toMatchObject({ code, line, file: "rules" });
    }
  });

  test("tells all of them", () => {
    try {
      parseIptablesSave("*filter\n-A INPUT -p x\n-A INPUT -s y\nCOMMIT\n", ip4);
      expect.unreachable();
    } catch (error) {
      expect((error as InputError).faults.map((fault) => fault.line)).toEqual([2, 3]);
    }
  });
});

describe("a partial text", () => {
  const before = parseIptablesSave(
    whole("nat", [
      "-A KUBE-SVC-X -j KUBE-SEP-Y",
      "-A KUBE-SEP-Y -j ACCEPT",
      "-A OUTPUT -j KUBE-SVC-X",
    ]),
    ip4,
  );
  const apply = (lines: string[], noflush: boolean) => {
    const script = parseRestore(["*nat", ...lines, "COMMIT", ""].join("\n"), ip4);
    return rulesOf(printIptablesSave(applyRestore(before, script, { noflush })));
  };

  test("empties the chains it declares and leaves the others", () => {
    expect(apply([":KUBE-SVC-X - [0:0]", "-A KUBE-SVC-X -j RETURN"], true)).toEqual([
      "-A OUTPUT -j KUBE-SVC-X",
      "-A KUBE-SEP-Y -j ACCEPT",
      "-A KUBE-SVC-X -j RETURN",
    ]);
  });

  test("deletes a chain that nobody needs any more", () => {
    const lines = [":KUBE-SVC-X - [0:0]", ":KUBE-SEP-Y - [0:0]", "-X KUBE-SEP-Y"];
    expect(apply(lines, true)).toEqual(["-A OUTPUT -j KUBE-SVC-X"]);
  });

  test("refuses to delete a chain that a rule leads to", () => {
    expect(() => apply([":KUBE-SEP-Y - [0:0]", "-X KUBE-SEP-Y"], true)).toThrow(InputError);
  });

  test("without noflush the table starts empty", () => {
    expect(apply([":KUBE-SVC-X - [0:0]"], false)).toEqual([]);
  });

  test("inserts, replaces and deletes by number and by rule", () => {
    const lines = [
      "-I OUTPUT -j RETURN",
      "-I OUTPUT 2 -p udp -j RETURN",
      "-R OUTPUT 1 -p tcp -j RETURN",
      "-D OUTPUT -j KUBE-SVC-X",
      "-D OUTPUT 2",
    ];
    expect(apply(lines, true)[0]).toBe("-A OUTPUT -p tcp -j RETURN");
    expect(apply(lines, true)).toHaveLength(3);
  });
});

test("counters, policies and the heading are printed as the tool does", () => {
  const text = "*filter\n:INPUT DROP [3:180]\n[5:300] -A INPUT -i lo -j ACCEPT\nCOMMIT\n";
  const ruleset = parseIptablesSave(text, ip4);
  const date = "Sun Nov 22 23:13:58 2026";
  expect(printIptablesSave(ruleset, { counters: true, date })).toBe(
    `# Generated by iptables-save v1.8.9 (nf_tables) on ${date}\n${text}# Completed on ${date}\n`,
  );
});
