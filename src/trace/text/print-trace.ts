/**
 * Traces as text, to be read from top to bottom:
 *
 *   summary      one line: the packet, its fate, the way it took
 *   hops         and one line per namespace
 *   everything   and one line per step, rules indented below the chain that called theirs
 */
import { printOrigin } from "../../base/index.js";
import { type Packet, printFrame, printPacket } from "../../wire/index.js";
import { type Palette, PLAIN_PALETTE } from "../palette.js";
import type { Hop, Step, Trace, TraceLevel } from "../step.js";
import { isGoodFate, printFate } from "./fate-text.js";
import { summarizeHop } from "./hop-text.js";
import { describeStep } from "./step-text.js";

/** How a trace is printed. */
export interface PrintTraceOptions {
  /** Default: hops. */
  readonly level?: TraceLevel;
  /** Default: no colours. */
  readonly palette?: Palette;
}

const LABEL_WIDTH = 12;

/**
 * Prints a trace; no final newline.
 *
 * Laws: every kind of step and every fate has words (test/unit/trace/print-trace.test.ts); the text
 * is the same for the same trace (golden files).
 * Cost: linear in the steps; at level `hops` only a few words per step.
 *
 * @example
 * printTrace(trace, { level: "everything" })
 */
export function printTrace(trace: Trace, options: PrintTraceOptions = {}): string {
  const { level = "hops", palette = PLAIN_PALETTE } = options;
  const lines = [printHead(trace, level, palette)];
  if (level === "hops") lines.push(...printHops(trace.hops, palette));
  if (level === "everything") {
    const startUs = trace.hops[0]?.atUs ?? 0;
    for (const hop of trace.hops) lines.push("", ...printHop(hop, startUs, palette));
  }
  return lines.join("\n");
}

function printHead(trace: Trace, level: TraceLevel, palette: Palette): string {
  const cause = trace.cause === undefined ? "" : palette.quiet(` (because of #${trace.cause})`);
  const paint = isGoodFate(trace.fate.kind) ? palette.good : palette.bad;
  const way = level === "summary" ? `  ${palette.quiet(printWay(trace.hops))}` : "";
  const head = `#${trace.id} ${palette.strong(printFirst(trace.hops))}${cause}`;
  return `${head}: ${paint(printFate(trace.fate))}${way}`;
}

/** The packet as it set out. */
function printFirst(hops: readonly Hop[]): string {
  for (const hop of hops) {
    for (const step of hop.steps) {
      if ("frame" in step) return printFrame(step.frame);
      if ("packet" in step) return printPacket(step.packet as Packet);
    }
  }
  return "a packet";
}

/** The namespaces in order, each once where it repeats at once. */
function printWay(hops: readonly Hop[]): string {
  const names = hops.map((hop) => hop.netns);
  return names.filter((name, i) => name !== names[i - 1]).join(" → ");
}

function printHops(hops: readonly Hop[], palette: Palette): string[] {
  const width = hops.reduce((max, hop) => Math.max(max, hop.netns.length), 0);
  return hops.map((hop) => {
    const name = palette.strong(hop.netns.padEnd(width));
    return `  ${name}  ${summarizeHop(hop, palette)}`.trimEnd();
  });
}

function printHop(hop: Hop, startUs: number, palette: Palette): string[] {
  const nesting = new ChainNesting();
  const elapsed = palette.quiet(`+${hop.atUs - startUs} µs`);
  const lines = hop.steps.map((step) => printStep(step, nesting.depthOf(step), palette));
  return [`${palette.strong(hop.netns)}  ${elapsed}`, ...lines];
}

function printStep(step: Step, depth: number, palette: Palette): string {
  const { label, text, tone, origin } = describeStep(step);
  const paint = tone === "plain" ? (words: string) => words : palette[tone];
  const from = origin === undefined ? "" : `  ${palette.origin(`[${printOrigin(origin)}]`)}`;
  const indent = "  ".repeat(depth);
  return `  ${palette.quiet(label.padEnd(LABEL_WIDTH))}${indent}${paint(text)}${from}`;
}

/** How deep each rule's chain was called: a jump opens a level, going back closes it. */
class ChainNesting {
  #stack: string[] = [];

  depthOf(step: Step): number {
    if (step.kind === "chain") this.#stack = [step.chain];
    if (step.kind !== "rule") return 0;
    const at = this.#stack.lastIndexOf(step.chain);
    if (at < 0) this.#stack.push(step.chain);
    else this.#stack.length = at + 1;
    return this.#stack.length;
  }
}
