/** Traces as Mermaid sequence diagrams: a column per namespace, an arrow per frame. */
import { printFrame } from "../wire/index.js";
import type { Hop, Step, Trace } from "./step.js";
import { printFate } from "./text/fate-text.js";
import { describeStep } from "./text/step-text.js";

/** Steps that get a note beside the column. */
const NOTED: ReadonlySet<Step["kind"]> = new Set([
  "nat",
  "ipvs",
  "encapsulate",
  "decapsulate",
  "fragment",
  "reassemble",
  "answer",
  "deliver",
]);

/**
 * Draws a trace as a Mermaid sequence diagram; no final newline.
 *
 * Shape: hops follow frames in the order these were sent, which is the order of the hops.
 */
export function drawMermaid(trace: Trace): string {
  const names = [...new Set(trace.hops.map((hop) => hop.netns))];
  const idOf = new Map(names.map((name, i) => [name, `n${i}`]));
  const lines = names.map((name) => `  participant ${idOf.get(name)} as ${escapeText(name)}`);
  const waiting: { readonly from: string; readonly text: string }[] = [];
  for (const hop of trace.hops) {
    const id = idOf.get(hop.netns) ?? "";
    const arrow = waiting.shift();
    if (arrow !== undefined) lines.push(`  ${arrow.from}->>${id}: ${arrow.text}`);
    lines.push(...drawNotes(hop, id));
    for (const step of hop.steps) {
      if (step.kind !== "transmit") continue;
      waiting.push({ from: id, text: escapeText(printFrame(step.frame)) });
    }
  }
  return ["sequenceDiagram", ...lines].join("\n");
}

function drawNotes(hop: Hop, id: string): string[] {
  return hop.steps.flatMap((step) => {
    if (step.kind === "fate") return [`  Note over ${id}: ${escapeText(printFate(step.fate))}`];
    if (!NOTED.has(step.kind)) return [];
    const { label, text } = describeStep(step);
    return [`  Note over ${id}: ${escapeText(`${label} ${text}`)}`];
  });
}

/** Mermaid ends a message at `;` and reads `#` as the start of a character code. */
function escapeText(text: string): string {
  return text.replace(/[#;]/g, (sign) => (sign === "#" ? "#35;" : "#59;")).replaceAll("\n", " ");
}
