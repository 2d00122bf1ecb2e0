import { expect, test } from "vitest";
import { type Json, TRACE_SCHEMA, type Trace, traceToJson } from "../../../src/trace/index.js";
import { droppedTrace, floodedTrace, serviceTrace } from "../../support/trace/samples.js";
import { findFault } from "../../support/trace/schema-check.js";

test.each([
  ["service", serviceTrace()],
  ["dropped", droppedTrace()],
  ["flooded", floodedTrace()],
])("%s as JSON satisfies the schema", (_, trace) => {
  const json = traceToJson(trace);
  expect(findFault(json, TRACE_SCHEMA)).toBeUndefined();
  expect(JSON.parse(JSON.stringify(json))).toEqual(json);
});

test.each<[string, (trace: { hops: { steps: unknown[] }[]; fate: unknown }) => void]>([
  ["an unknown kind of step", (t) => t.hops[0]?.steps.push({ kind: "teleport" })],
  ["a step with a field too many", (t) => t.hops[0]?.steps.push({ kind: "note", text: "", x: 1 })],
  ["a step with a field too few", (t) => t.hops[0]?.steps.push({ kind: "ttl", before: 1 })],
  [
    "a fate that is none",
    (t) => {
      t.fate = { kind: "lost", netns: "" };
    },
  ],
])("%s does not", (_, spoil) => {
  const json = structuredClone(traceToJson(serviceTrace())) as never;
  spoil(json);
  expect(findFault(json as Json, TRACE_SCHEMA)).toBeDefined();
});

test("bytes are base64", () => {
  const trace: Trace = droppedTrace();
  expect(JSON.stringify(traceToJson(trace))).toContain(`"bytes":"${btoa("ping!")}"`);
});
