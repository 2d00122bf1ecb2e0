/** `kubewire demo`: the lesson, command by command, with every packet behind it. */
import type { Family } from "../../addr/index.js";
import { type TraceLevel, traceToJson } from "../../trace/index.js";
import { giveLesson, type LessonStep } from "../../workbench/index.js";
import { EXIT } from "../failure.js";
import { checkLevel } from "../level.js";
import { paletteOf, type Terminal } from "../terminal.js";

/** What commander read. */
export interface DemoFlags {
  readonly families: readonly Family[];
  readonly level: TraceLevel;
  readonly json?: boolean;
}

/** Gives the lesson; exit status 1 if a command of it failed. */
export function runDemo(flags: DemoFlags, terminal: Terminal): number {
  checkLevel(flags.level);
  const steps = giveLesson({ families: flags.families });
  if (flags.json) terminal.out(`${JSON.stringify(steps.map(stepAsJson))}\n`);
  else for (const step of steps) printStep(step, flags.level, terminal);
  return steps.every(({ answer }) => answer.exit === 0) ? EXIT.holds : EXIT.fails;
}

function printStep({ command, answer }: LessonStep, level: TraceLevel, terminal: Terminal): void {
  const palette = paletteOf(terminal);
  terminal.out(`${palette.strong(`$ ${command}`)}\n${answer.stdout}${answer.stderr}\n`);
  if (answer.trace.count > 0) terminal.out(`${answer.trace.print({ level, palette })}\n\n`);
}

function stepAsJson({ command, answer }: LessonStep) {
  const { exit, stdout, stderr, trace } = answer;
  return { command, exit, stdout, stderr, packets: [...trace].map(traceToJson) };
}
