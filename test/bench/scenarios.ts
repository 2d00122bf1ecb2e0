/**
 * npx tsx test/bench/scenarios.ts
 *
 * The generated scenarios on all pairs of pods, three protocols and two ports: by the judge's table, by
 * the judge itself, and through the compiled rules. Reading policies and making judges and rules counts.
 * Best of three rounds after one to warm up, by the clock and by the processor's time of all threads.
 */
import { passesForward } from "../support/policy/kernel.js";
import { openStep, SCENARIOS } from "../support/policy/scenarios/all.js";
import { flowsOf } from "../support/policy/scenarios/run.js";

const STEPS = SCENARIOS.flatMap(({ steps }) => steps);
const PORTS = [80, 81];
const FLOWS = STEPS.map((step) => PORTS.flatMap((port) => flowsOf(step, port)));

function time(what: string, run: () => number): void {
  run();
  let [wall, busy] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  let allowed = 0;
  for (let round = 0; round < 3; round++) {
    const [start, used] = [process.hrtime.bigint(), process.cpuUsage()];
    allowed = run();
    const { user, system } = process.cpuUsage(used);
    wall = Math.min(wall, Number(process.hrtime.bigint() - start) / 1e6);
    busy = Math.min(busy, (user + system) / 1000);
  }
  const times = `${Math.round(wall)} ms, of the processor ${Math.round(busy)} ms`;
  console.log(`${what}: ${times} (${allowed} allowed)`);
}

const total = FLOWS.reduce((sum, flows) => sum + flows.length, 0);
console.log(`${SCENARIOS.length} scenarios, ${STEPS.length} steps, ${total} flows`);
const count = (ask: (step: number) => number) => STEPS.reduce((sum, _, i) => sum + ask(i), 0);

time("the judge's table", () =>
  count((i) => {
    const { judge } = openStep(STEPS[i] as never, true);
    return FLOWS[i]?.filter((flow) => judge.isAllowed(flow)).length ?? 0;
  }),
);
time("the judge itself", () =>
  count((i) => {
    const { judge } = openStep(STEPS[i] as never, true);
    return FLOWS[i]?.filter((flow) => judge.judge(flow).allowed).length ?? 0;
  }),
);
for (const [kind, name] of ["iptables", "nftables"].entries()) {
  time(`compiled ${name}`, () =>
    count((i) => {
      const kernel = openStep(STEPS[i] as never).kernels?.[kind];
      return FLOWS[i]?.filter((flow) => kernel && passesForward(kernel, flow)).length ?? 0;
    }),
  );
}
