import { describe, expect, it } from "vitest";
import { isEmptySelector, matchesSelector } from "../../../src/objects/index.js";

const one = (operator: "In" | "NotIn" | "Exists" | "DoesNotExist", values: string[] = []) => ({
  matchExpressions: [{ key: "tier", operator, values }],
});

describe("label selectors", () => {
  it.each([
    // selected, selector, labels
    [true, {}, { a: "1" }],
    [true, { matchLabels: { a: "1" } }, { a: "1", b: "2" }],
    [false, { matchLabels: { a: "1" } }, { a: "2" }],
    [false, { matchLabels: { a: "1" } }, undefined],
    [true, one("In", ["x", "y"]), { tier: "y" }],
    [false, one("In", ["x"]), {}],
    [true, one("NotIn", ["x"]), {}],
    [false, one("NotIn", ["x"]), { tier: "x" }],
    [true, one("Exists"), { tier: "" }],
    [false, one("Exists"), {}],
    [true, one("DoesNotExist"), {}],
    [false, { matchLabels: { constructor: "x" } }, {}],
  ] as const)("%s: %j selects %j", (selected, selector, labels) => {
    expect(matchesSelector(selector, labels)).toBe(selected);
  });

  it("knows an empty selector", () => {
    expect(isEmptySelector({ matchLabels: {} })).toBe(true);
    expect(isEmptySelector(one("Exists"))).toBe(false);
  });
});
