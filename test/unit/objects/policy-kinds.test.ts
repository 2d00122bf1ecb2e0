/**
 * The policy kinds against what a real kube-apiserver v1.35.4, with the definitions of
 * network-policy-api v0.1.8 and v0.2 installed, answered to random objects: every fault, in its words.
 */
import { describe, expect, it } from "vitest";
import {
  askableSelector,
  isEmptySelector,
  matchesSelector,
  tryLoadManifests,
} from "../../../src/objects/index.js";
import { expectAnswer, readAnswers } from "../../support/recorded-answers.js";

const answers = readAnswers("policy-kinds");

describe("policy kinds", () => {
  it.each(answers.map((answer) => [JSON.stringify(answer.input), answer] as const))(
    "%s",
    (_, answer) => expectAnswer(answer),
  );

  it("were answered with all sorts of faults, and accepted too", () => {
    const types = new Set(answers.flatMap(({ faults = [] }) => faults.map(([type]) => type)));
    expect([...types].sort()).toEqual([
      "FieldValueDuplicate",
      "FieldValueInvalid",
      "FieldValueNotSupported",
      "FieldValueRequired",
      "FieldValueTooLong",
      "FieldValueTooMany",
      "FieldValueTypeInvalid",
    ]);
    expect(answers.filter(({ faults }) => faults?.length === 0).length).toBeGreaterThan(10);
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
