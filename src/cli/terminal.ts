/** Where the command reads from and writes to; tests hand in their own. */
import { createColors } from "picocolors";
import { type Palette, PLAIN_PALETTE } from "../trace/index.js";

/** The terminal of one run of the command. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** True when colours are wanted: a terminal, and neither NO_COLOR nor `--no-color`. */
  readonly colour: boolean;
}

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  const forced = FORCE_COLOR !== undefined && FORCE_COLOR !== "0";
  const wanted = process.stdout.isTTY === true && TERM !== "dumb";
  return {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    colour: (NO_COLOR ?? "") === "" && (forced || wanted),
  };
}

/** The colours of traces, or none. */
export function paletteOf(terminal: Terminal): Palette {
  if (!terminal.colour) return PLAIN_PALETTE;
  const c = createColors(true);
  return {
    strong: c.bold,
    quiet: c.dim,
    good: c.green,
    bad: c.red,
    change: c.yellow,
    origin: c.cyan,
  };
}
