/** One namespace of a journey as one line: links crossed, and what changed or ended there. */
import { printOrigin, unreachable } from "../../base/index.js";
import type { Palette } from "../palette.js";
import type { ConntrackStep, Hop, Step } from "../step.js";
import { isGoodFate, printFateHere, printWhere } from "./fate-text.js";
import { printRewrite } from "./step-text.js";

/**
 * What happened in one namespace, in order, in few words.
 *
 * Cost: one pass over the steps; chains and rules are passed over.
 */
export function summarizeHop(hop: Hop, palette: Palette): string {
  const words: string[] = [];
  let isTracked = false;
  for (const step of hop.steps) {
    if (step.kind === "conntrack") {
      if (isTracked || !TRACK_EVENTS.has(step.event)) continue;
      isTracked = true;
    }
    const said = summarizeStep(step, palette);
    if (said !== "") words.push(said);
  }
  return words.join(", ");
}

/** Events that say what the packet is to the connection; the others keep books. */
const TRACK_EVENTS: ReadonlySet<ConntrackStep["event"]> = new Set([
  "new",
  "found",
  "related",
  "invalid",
  "untracked",
]);

function summarizeStep(step: Step, palette: Palette): string {
  switch (step.kind) {
    case "send":
      return step.process === undefined ? "sent" : `sent by ${step.process}`;
    case "receive":
      return `in ${step.link}`;
    case "transmit":
      return `out ${step.link}`;
    case "chain":
    case "rule":
    case "policy":
    case "fragment":
    case "reassemble":
    case "bridge":
    case "route":
    case "neighbor":
      return summarizeForwarding(step, palette);
    case "conntrack":
      return step.state ?? step.event;
    case "nat": {
      const origin = step.origin === undefined ? "" : ` for ${printOrigin(step.origin)}`;
      return palette.change(`${step.how} ${printRewrite(step.before, step.after)}${origin}`);
    }
    case "ttl":
      return `ttl ${step.after}`;
    case "encapsulate":
      return palette.change(`${step.how} ${step.src} > ${step.dst} by ${step.link}`);
    case "decapsulate":
      return palette.change(`${step.how} unwrapped by ${step.link}`);
    case "answer":
      return `answers ${step.what}`;
    case "ipvs": {
      const origin = step.origin === undefined ? "" : ` for ${printOrigin(step.origin)}`;
      const how = step.event === "reply" ? "ipvs reply" : "ipvs";
      return palette.change(`${how} ${printRewrite(step.before, step.after)}${origin}`);
    }
    case "deliver":
    case "note":
    case "fate":
      return summarizeEnd(step, palette);
    default:
      return unreachable(step);
  }
}

type ForwardingStep = Extract<
  Step,
  {
    kind: "chain" | "rule" | "policy" | "fragment" | "reassemble" | "bridge" | "route" | "neighbor";
  }
>;

/** Only what an operator would stumble over. */
function summarizeForwarding(step: ForwardingStep, palette: Palette): string {
  switch (step.kind) {
    case "fragment":
      return palette.change(`fragmented into ${step.count}`);
    case "reassemble":
      return palette.change(`reassembled from ${step.count}`);
    case "bridge":
      if (step.decision === "flood") return `flooded by ${step.bridge} to ${step.out.join(" ")}`;
      return "";
    case "neighbor":
      return step.outcome === "resolved" ? `resolved ${step.addr}` : "";
    case "chain":
    case "rule":
    case "policy":
    case "route":
      return "";
    default:
      return unreachable(step);
  }
}

function summarizeEnd(
  step: Extract<Step, { kind: "deliver" | "note" | "fate" }>,
  palette: Palette,
): string {
  switch (step.kind) {
    case "deliver": {
      const origin = step.origin === undefined ? "" : ` for ${printOrigin(step.origin)}`;
      const port = step.port === undefined ? "" : ` ${step.port}`;
      const service = step.service === undefined ? "" : ` ${step.service}`;
      return palette.good(`to ${step.protocol}${port}${service}${origin}`);
    }
    case "note":
      return palette.quiet(`note: ${step.text}`);
    case "fate": {
      const { fate } = step;
      if (fate.kind === "delivered") return "";
      const paint = isGoodFate(fate.kind) ? palette.good : palette.bad;
      return paint(`${printFateHere(fate)}${printWhere(fate)}`);
    }
    default:
      return unreachable(step);
  }
}
