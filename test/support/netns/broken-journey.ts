/** Journeys as a wrong model would tell them: each must break a sentence. */
import type { Hop, Step, Trace } from "../../../src/trace/index.js";

function mapSteps(trace: Trace, change: (step: Step, hop: Hop) => readonly Step[]): Trace {
  const hops = trace.hops.map((h) => ({ ...h, steps: h.steps.flatMap((s) => change(s, h)) }));
  return { ...trace, hops };
}

/** Routers that forget to take one off the TTL. */
export function withoutTtl(trace: Trace): Trace {
  return mapSteps(trace, (step, hop) => {
    const came = hop.steps.find((s) => s.kind === "receive");
    if (step.kind !== "transmit" || came === undefined) return [step];
    return [{ ...step, frame: { ...step.frame, payload: came.frame.payload } }];
  });
}

/** Packets that vanish. */
export function withoutFate(trace: Trace): Trace {
  return mapSteps(trace, (step) => (step.kind === "fate" ? [] : [step]));
}

/** Packets that end and go on. */
export function withTwoFates(trace: Trace): Trace {
  return mapSteps(trace, (step) => (step.kind === "fate" ? [step, step] : [step]));
}
