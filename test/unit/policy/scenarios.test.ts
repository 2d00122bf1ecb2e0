/**
 * Generated scenarios on all pairs of pods and three protocols: the judge, its table, and the compiled
 * rules of both kinds give one answer.
 */
import { expect, test } from "vitest";
import { passesForward } from "../../support/policy/kernel.js";
import { openStep, SCENARIOS } from "../../support/policy/scenarios/all.js";
import { flowsOf } from "../../support/policy/scenarios/run.js";
import { oneWay, SIDES, type Step, withPolicies } from "../../support/policy/scenarios/scenario.js";

const STEPS = SCENARIOS.flatMap(({ topic, name, steps }) =>
  steps.map((step, i) => ({ id: `${topic}: ${name} ${i}`, step })),
);

/** The answers of a moment as text of 0 and 1, where all agree. */
function answersOf({ id, step }: { id: string; step: Step }, port: number): string {
  const { judge, kernels = [] } = openStep(step);
  const bits = flowsOf(step, port).map((flow) => {
    const { allowed } = judge.judge(flow);
    const answers = [judge.isAllowed(flow), ...kernels.map((each) => passesForward(each, flow))];
    if (answers.some((each) => each !== allowed)) {
      throw new Error(`${id}: ${flow.src} > ${flow.dst} ${flow.protocol}: ${allowed}, ${answers}`);
    }
    return allowed ? "1" : "0";
  });
  return bits.join("");
}

test("there are more than two hundred, each with a name of its own", () => {
  const names = SCENARIOS.map(({ topic, name }) => `${topic}: ${name}`);
  expect(new Set(names).size).toBe(SCENARIOS.length);
  expect(SCENARIOS.length).toBeGreaterThan(200);
  expect([...new Set(SCENARIOS.map(({ topic }) => topic))].sort()).toEqual([
    ...["action", "conflict", "example", "namespace", "peer", "port", "rule", "target"],
    ...["two peers", "two ports"],
  ]);
});

test("judge, table, iptables and nftables agree on all of them", () => {
  const tables = STEPS.map((each) => answersOf(each, 80));
  // They are about different things, and most of them forbid something.
  expect(new Set(tables).size).toBeGreaterThan(60);
  expect(tables.filter((bits) => bits.includes("0")).length).toBeGreaterThan(200);
  expect(tables.filter((bits) => bits.includes("1")).length).toBe(tables.length);
}, 120_000);

test("a port more or less is noticed", () => {
  const [side] = SIDES;
  const on = (port: number) => withPolicies(oneWay(side, [{ ports: [{ protocol: "TCP", port }] }]));
  const [first, second] = [80, 81].map((port) => answersOf({ id: "", step: on(port) }, 80));
  expect(first).not.toBe(second);
});
