/**
 * Pods and what makes pods, against what the registries of kube-apiserver v1.35.4 answered to random
 * objects: every fault, in its words. One answer for each kind of fault that was met.
 */
import { describe, expect, it } from "vitest";
import { isFieldError, readObject } from "../../../src/objects/index.js";
import { expectAnswer, readAnswers } from "../../support/recorded-answers.js";

const answers = readAnswers("workloads");

describe("workloads", () => {
  it.each(answers.map((answer) => [JSON.stringify(answer.input), answer] as const))(
    "%s",
    (_, answer) => expectAnswer(answer),
  );

  it("were answered with many faults, and accepted too", () => {
    const fields = answers.flatMap(({ faults = [] }) =>
      faults.map(([type, path]) => `${type} ${path}`),
    );
    expect(new Set(fields.map((f) => f.replace(/\[[^\]]*\]/g, ""))).size).toBeGreaterThan(80);
    expect(answers.filter(({ faults }) => faults?.length === 0).length).toBeGreaterThan(5);
    expect(answers.filter(({ refused }) => refused !== undefined).length).toBeGreaterThan(10);
  });
});

const pod = (container: Readonly<Record<string, unknown>>) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "p", namespace: "default" },
  spec: { containers: [{ name: "c", image: "i", ...container }] },
});

describe("amounts are stored in their shortest form", () => {
  it.each([
    ["0.5", "500m"],
    ["500m", "500m"],
    ["1000m", "1"],
    ["1024Mi", "1Gi"],
    ["0.5Gi", "512Mi"],
    ["1.5Gi", "1536Mi"],
    ["100e3", "100e3"],
    ["1e3", "1e3"],
    ["0", "0"],
    ["0.0000000001", "1n"],
    [2, "2"],
    [1.5, "1500m"],
    ["1Mi2", undefined],
    ["1MM", undefined],
    ["", undefined],
    [[1], undefined],
    [true, undefined],
  ])("%j is %j", (cpu, stored) => {
    const read = readObject(pod({ resources: { requests: { cpu } } }));
    if (read.kind !== "object" || read.object.kind !== "Pod") throw new Error("a pod was read");
    if (stored === undefined) {
      expect(read.faults.map((f) => [f.code, isFieldError(f)])).toEqual([["wrong-type", false]]);
    } else {
      expect(read.faults).toEqual([]);
      expect(read.object.spec.containers[0]?.resources?.requests).toEqual({ cpu: stored });
    }
  });
});

describe("images without a version, or with the newest, are always pulled", () => {
  it.each([
    ["nginx", "Always"],
    ["nginx:latest", "Always"],
    ["nginx:1.25", "IfNotPresent"],
    ["localhost:5000/a/b", "Always"],
    ["localhost:5000/a/b:v1", "IfNotPresent"],
    [`nginx@sha256:${"a".repeat(64)}`, "IfNotPresent"],
    ["Nginx", "IfNotPresent"],
    ["Registry/a", "Always"],
  ])("%s: %s", (image, policy) => {
    const read = readObject(pod({ image }));
    if (read.kind !== "object" || read.object.kind !== "Pod") throw new Error("a pod was read");
    expect(read.object.spec.containers[0]?.imagePullPolicy).toBe(policy);
  });
});
