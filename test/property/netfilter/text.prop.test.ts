import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type IptablesRule,
  parseIptablesSave,
  printIptablesSave,
  printSaveRule,
} from "../../../src/netfilter/index.js";
import { printWithoutNot } from "../../support/netfilter/broken-print.js";
import { anyRule } from "../../support/netfilter/rules.js";

const seed = 20261123;

function readBack(text: string, family: "ip4" | "ip6"): IptablesRule | undefined {
  const lines = ["*filter", ":U0 - [0:0]", ":U1 - [0:0]", `-A FORWARD${text}`, "COMMIT", ""];
  const ruleset = parseIptablesSave(lines.join("\n"), { family });
  return ruleset.tables[0]?.chains.find((chain) => chain.name === "FORWARD")?.rules[0];
}

/** What the law says: the tree that is read is the tree that was printed. */
function holds(
  print: (rule: IptablesRule, family: "ip4" | "ip6") => string,
  family: "ip4" | "ip6",
) {
  return (rule: IptablesRule) => {
    expect(JSON.stringify(readBack(print(rule, family), family))).toBe(JSON.stringify(rule));
  };
}

test.each(["ip4", "ip6"] as const)(
  "reading what was printed gives the rule again (%s)",
  (family) => {
    const kinds = new Set<string>();
    fc.assert(
      fc.property(anyRule(family), (rule) => {
        for (const match of rule.matches) kinds.add(match.kind);
        holds(printSaveRule, family)(rule);
      }),
      { seed, numRuns: 500 },
    );
    // The law saw most kinds of matches.
    expect(kinds.size).toBeGreaterThan(12);
  },
);

test("a printer that forgets negation is caught", () => {
  expect(() =>
    fc.assert(fc.property(anyRule("ip4"), holds(printWithoutNot, "ip4")), { seed, numRuns: 500 }),
  ).toThrow();
});

test("printing and reading a table twice changes nothing", () => {
  const rules = fc.array(anyRule("ip4"), { maxLength: 8 });
  fc.assert(
    fc.property(rules, (list) => {
      const chains = [
        { name: "FORWARD", policy: "ACCEPT" as const, rules: list },
        { name: "U0", rules: [] },
        { name: "U1", rules: list },
      ];
      const text = printIptablesSave({ family: "ip4", tables: [{ name: "filter", chains }] });
      expect(printIptablesSave(parseIptablesSave(text, { family: "ip4" }))).toBe(text);
    }),
    { seed, numRuns: 200 },
  );
});
