import { describe, expect, it } from "vitest";
import { checkYaml } from "../../../../src/kubectl/manifest/yaml-check.js";

/** What is said to a text; "" where it is YAML. */
function saidTo(text: string): string {
  const check = checkYaml(text);
  return check.kind === "refused" ? check.message : "";
}

/** Each line and message as go.yaml.in/yaml v2.4 says them. */
describe("the refusals of Go's YAML reader", () => {
  it.each([
    // A key that is indented more than its neighbour makes one long text of both.
    ["a: b\n c: d\n", "yaml: line 2: mapping values are not allowed in this context"],
    ["a:\n  b: c\n d: e\n", "yaml: line 2: did not find expected key"],
    ["a:\n- b\n  - c: d\n", "yaml: line 3: mapping values are not allowed in this context"],
    ["a:\n  - b: c\n d: e\n", "yaml: line 2: did not find expected key"],
    ["a:\n\tb: c\n", "yaml: line 2: found character that cannot start any token"],
    ["a: b\n\tc\n", "yaml: line 2: found a tab character that violates indentation"],
    ["a:b\nc: d\n", "yaml: line 2: mapping values are not allowed in this context"],
    ["a: {b: c\nd: e}\nf\n", "yaml: line 1: did not find expected ',' or '}'"],
    ["x: y\na: b\n- c\n", "yaml: line 2: did not find expected key"],
    ["x: y\na: - c\n", "yaml: line 2: block sequence entries are not allowed in this context"],
    ["x: y\na: {b: c\n", "yaml: line 2: did not find expected ',' or '}'"],
    ["x: y\na: [b,\n", "yaml: line 2: did not find expected node content"],
    ["x: y\na: [b c: d]]\n", "yaml: line 1: did not find expected key"],
    ['x: y\na: "b\n', "yaml: line 3: found unexpected end of stream"],
    ['x: y\na: "\\q"\n', "yaml: line 2: found unknown escape character"],
    ["x: y\na: |0\n b\n", "yaml: line 2: found an indentation indicator equal to 0"],
    ["x: y\na: @b\n", "yaml: line 2: found character that cannot start any token"],
    // On the first line no number is told.
    ["a: b: c\n", "yaml: mapping values are not allowed in this context"],
  ])("%j", (text, message) => {
    expect(saidTo(text)).toBe(message);
  });

  it.each([
    ["a: |\n  - b: c\n  \td\n  e\n"],
    ["a: 'it''s' # comment\nb: >-\n  c\n\n  d\n"],
    ["a: &x {b: [c, {d: e}], 'f': !!str 1}\ng: *x\n"],
    ["? a\n: b\n"],
    ["a:\n- b\n- c:\n  - d\ne:\n"],
    ["%YAML 1.1\n---\na: b\n...\n"],
    [""],
  ])("%j is YAML", (text) => {
    expect(saidTo(text)).toBe("");
  });

  it("ends the document where its first block ends", () => {
    const text = " a: b\nc: d\n";
    expect(checkYaml(text)).toEqual({ kind: "document", end: text.indexOf("c") });
  });

  it("gives up on what is nested too deep", () => {
    const text = `${"[".repeat(5000)}`;
    expect(checkYaml(text)).toEqual({ kind: "document", end: text.length });
  });
});
