import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { printYaml } from "../../../src/kubectl/output/yaml-text.js";
import { readBlock } from "../../../src/objects/load/block-reader.js";
import { readCareful } from "../../../src/objects/load/careful-reader.js";

/** Texts that readers of YAML stumble over. */
const TEXTS = [
  "",
  "a",
  "a b",
  "yes",
  "no",
  "~",
  "null",
  "0",
  "012",
  "0x1f",
  "1e3",
  "1_000",
  "-",
  "- a",
  "a: b",
  "a #b",
  "#a",
  "'q'",
  '"q"',
  "{}",
  "[]",
  "*a",
  "&a",
  "!t",
  "|",
  ">",
  "%",
  "@",
  "`",
  ".5",
  "2024-01-01",
  "12:30:45",
  "a\nb",
  "a\n",
  "\n",
  " a",
  "a ",
  "x:",
  ":x",
  "?",
  "<<",
  "ä",
  "=",
  ".inf",
  "---",
  "...",
];

const scalar = fc.oneof(
  fc.constantFrom(...TEXTS),
  fc.string({ maxLength: 6 }),
  fc.integer({ min: -1000, max: 100000 }),
  fc.boolean(),
  fc.constant(null),
);
const key = fc.oneof(
  fc.constantFrom("a", "b", "items", "app.k8s.io/name", "on", "7"),
  fc.string({ minLength: 1, maxLength: 4 }),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(key, tie("tree"), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

describe("the two readers of YAML", () => {
  it("print then read is identity, and the quick reader agrees where it reads", () => {
    let quick = 0;
    fc.assert(
      fc.property(tree, (value) => {
        const text = printYaml(value);
        const careful = readCareful(text);
        expect(careful.faults).toEqual([]);
        expect(careful.value).toEqual(value);
        const block = readBlock(text);
        if (block === undefined) return;
        quick++;
        expect(block.value).toEqual(value);
      }),
      { numRuns: 2000, seed: 4 },
    );
    expect(quick).toBeGreaterThan(200);
  });

  it("agree on texts with any indentation, comments and quotes", () => {
    const line = fc.tuple(
      fc.integer({ min: 0, max: 4 }),
      fc.constantFrom(
        "a:",
        "b: 1",
        "- x",
        "- c: d",
        "-",
        "# hi",
        "",
        "k: 'v'",
        'k: "v"',
        "e: |",
        "text",
        "f: {}",
        "- - y",
        "g:   h  # i",
        "'q': r",
      ),
    );
    let [quick, refused] = [0, 0];
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        const text = lines.map(([indent, body]) => `${" ".repeat(indent)}${body}\n`).join("");
        const block = readBlock(text);
        const careful = readCareful(text);
        if (block === undefined) {
          refused++;
          return;
        }
        quick++;
        expect(careful.faults).toEqual([]);
        expect(block.value).toEqual(careful.value);
      }),
      { numRuns: 5000, seed: 5 },
    );
    expect(Math.min(quick, refused)).toBeGreaterThan(200);
  });
});
