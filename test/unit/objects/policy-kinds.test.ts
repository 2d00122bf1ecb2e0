/**
 * The policy kinds against what a real kube-apiserver v1.35.4, with the definitions of
 * network-policy-api v0.1.8 and v0.2 installed, answered to random objects: every fault, in its words.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  askableSelector,
  isEmptySelector,
  matchesSelector,
  printErrorBody,
  readObject,
  tryLoadManifests,
} from "../../../src/objects/index.js";

interface Answer {
  readonly input: Readonly<Record<string, unknown>>;
  /** Fields that strict decoding complains of, sorted. */
  readonly unknown?: readonly string[];
  /** Why the object could not be read at all. */
  readonly refused?: string;
  /** Type, field and message of everything that is wrong with it, sorted. */
  readonly faults: readonly (readonly [string, string, string])[];
}

const file = new URL("../../golden/objects/policy-kinds.json", import.meta.url);
const answers = JSON.parse(readFileSync(file, "utf8")) as readonly Answer[];

function faultsOf(input: unknown) {
  const read = readObject(input);
  return read.kind === "other" ? [] : read.faults;
}

describe("policy kinds", () => {
  it.each(answers.map((answer) => [JSON.stringify(answer.input), answer] as const))(
    "%s",
    (_, { input, unknown = [], refused, faults }) => {
      const found = faultsOf(input);
      const isUnknown = (code: string) => code === "unknown-field";
      if (refused !== undefined) {
        const wrong = found.find(({ code }) => !isUnknown(code));
        expect(wrong?.code).toBe("wrong-type");
        expect(refused).toContain(wrong?.message);
        return;
      }
      const rest = found.filter(({ code }) => !isUnknown(code));
      expect(rest.map((f) => [f.code, f.path, printErrorBody(f)]).sort()).toEqual(faults);
      expect(found.flatMap((f) => (isUnknown(f.code) ? [f.path] : [])).sort()).toEqual(unknown);
    },
  );

  it("were answered with all sorts of faults, and accepted too", () => {
    const types = new Set(answers.flatMap(({ faults }) => faults.map(([type]) => type)));
    expect([...types].sort()).toEqual([
      "FieldValueDuplicate",
      "FieldValueInvalid",
      "FieldValueNotSupported",
      "FieldValueRequired",
      "FieldValueTooLong",
      "FieldValueTooMany",
      "FieldValueTypeInvalid",
    ]);
    expect(answers.filter(({ faults }) => faults.length === 0).length).toBeGreaterThan(10);
    expect(answers.filter(({ refused }) => refused !== undefined).length).toBeGreaterThan(0);
  });

  it("tell the place of a fault in the file", () => {
    const text = `apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata:
  name: x
spec:
  tier: Admin
  priority: 1001
  subject:
    namespaces: {}
    pods:
      podSelector: {}
`;
    const { faults } = tryLoadManifests([{ file: "p.yaml", text }]);
    expect(faults.map(({ code, path, line }) => [code, path, line])).toEqual([
      ["FieldValueInvalid", "<nil>", 1],
      ["FieldValueInvalid", "spec.priority", 7],
      ["FieldValueTooMany", "spec.subject", 8],
    ]);
  });
});

describe("a selector that nobody can ask selects nothing", () => {
  it.each([
    [{}, true],
    [{ matchLabels: { app: "web" } }, true],
    [{ matchExpressions: [{ key: "app", operator: "In", values: ["web"] }] }, true],
    [{ matchExpressions: [{ key: "tier", operator: "DoesNotExist" }] }, true],
    [{ matchExpressions: [{ key: "app", operator: "Equals", values: ["web"] }] }, false],
    [{ matchExpressions: [{ key: "app", operator: "NotIn", values: [] }] }, false],
    [{ matchExpressions: [{ key: "tier", operator: "DoesNotExist", values: ["x"] }] }, false],
    [{ matchExpressions: [{ key: "a b", operator: "DoesNotExist" }] }, false],
    [{ matchLabels: { app: "web" }, matchExpressions: [{ key: "", operator: "X" }] }, false],
  ])("%j", (selector, selects) => {
    const askable = askableSelector(selector);
    expect(matchesSelector(askable, { app: "web" })).toBe(selects);
    expect(isEmptySelector(askable)).toBe(Object.keys(selector).length === 0);
  });
});
