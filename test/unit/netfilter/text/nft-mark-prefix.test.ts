/**
 * Tests of a mark's topmost bits, which nft lists as prefixes. Each text on the left was given to
 * nft 1.0.6, which listed the one beside it.
 */
import { expect, test } from "vitest";
import {
  type NftTable,
  parseNftJson,
  parseNftRuleset,
  printNftRuleset,
} from "../../../../src/netfilter/index.js";

const textOf = (rule: string) => `table ip t {\n\tchain c {\n\t\t${rule}\n\t}\n}\n`;
const statementsOf = ({ tables }: { readonly tables: readonly NftTable[] }) =>
  tables[0]?.chains[0]?.rules[0]?.statements;
const read = (rule: string) => statementsOf(parseNftRuleset(textOf(rule)));

test.each([
  ["meta mark & 0x80000000 == 0x00000000", "meta mark 0x00000000/1"],
  ["meta mark & 0x80000000 != 0x00000000", "meta mark != 0x00000000/1"],
  ["meta mark & 0xc0000000 == 0x40000000", "meta mark 0x40000000/2"],
  ["meta mark & 0xffff0000 != 0x00010000", "meta mark != 0x00010000/16"],
  ["meta mark & 0xfffffffe == 0x00004000", "meta mark 0x00004000/31"],
  ["meta mark & 0x80000000 == 0x00004000", "meta mark 0x00004000/1"],
  ["meta mark & 0x00000000 == 0x00000000", "meta mark 0x00000000/0"],
  ["ct mark & 0xff000000 == 0x12000000", "ct mark 0x12000000/8"],
])("%s is listed as %s, and is one tree", (written, listed) => {
  expect(printNftRuleset(parseNftRuleset(textOf(written)))).toBe(textOf(listed));
  expect(printNftRuleset(parseNftRuleset(textOf(listed)))).toBe(textOf(listed));
  expect(read(listed)).toMatchObject(read(written) ?? []);
  expect(read(listed)).not.toEqual(read(listed.replace(/\d$/, "3")));
});

test.each([
  "meta mark & 0x00004000 == 0x00000000",
  "meta mark & 0x80000001 == 0x00000000",
  "meta mark & 0x80000000 == { 0x00000000, 0x80000000 }",
  "meta mark & 0x80000000 > 0x00000000",
  "meta mark & 0x80000000 vmap { 0x00000000 : accept }",
  "meta mark 0x12000000-0x12ffffff",
  "tcp dport & 65280 == 256",
])("%s has no prefix", (rule) => {
  expect(printNftRuleset(parseNftRuleset(textOf(rule)))).toBe(textOf(rule));
});

test("in sets and maps of marks every range that has a prefix is listed as one", () => {
  const written = "meta mark vmap { 0x12000000-0x12ffffff : accept, 0x00000001-0x00000003 : drop }";
  const listed = "meta mark vmap { 0x12000000/8 : accept, 0x00000001-0x00000003 : drop }";
  expect(printNftRuleset(parseNftRuleset(textOf(written)))).toBe(textOf(listed));
  expect(read(listed)).toEqual(read(written));
});

test("JSON gives the same trees", () => {
  const prefix = { prefix: { addr: 0x12000000, len: 8 } };
  const fromJson = (key: string, op: string, right: object) => {
    const place = { family: "ip", table: "t" };
    const expr = [{ match: { op, left: { meta: { key } }, right } }];
    return statementsOf(
      parseNftJson({
        nftables: [
          { table: { family: "ip", name: "t" } },
          { chain: { ...place, name: "c" } },
          { rule: { ...place, chain: "c", expr } },
        ],
      }),
    );
  };
  expect(fromJson("mark", "==", prefix)).toEqual(read("meta mark 0x12000000/8"));
  expect(fromJson("mark", "!=", prefix)).toEqual(read("meta mark != 0x12000000/8"));
  expect(fromJson("mark", "==", { set: [prefix] })).toEqual(read("meta mark { 0x12000000/8 }"));
});
