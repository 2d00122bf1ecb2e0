/** `kubewire replay`: the probes of a recording, run in the kernel model. */
import { readFileSync } from "node:fs";
import { InputError } from "../../base/index.js";
import { type Recording, replayRecording } from "../../fabric/index.js";
import { EXIT } from "../failure.js";
import type { Terminal } from "../terminal.js";

/** Prints `{"probes": […]}` in the shape of the recording's own answers. */
export function runReplay(_: unknown, terminal: Terminal, [file = ""]: readonly string[]): number {
  terminal.out(`${JSON.stringify(replayRecording(readRecording(file)))}\n`);
  return EXIT.holds;
}

function readRecording(file: string): Recording {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Recording;
  } catch (error) {
    const message = `is not a recording: ${(error as Error).message}`;
    throw new InputError({ code: "bad-recording", path: "", value: file, message, file });
  }
}
