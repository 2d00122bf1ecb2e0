/**
 * What the command says when it cannot go on: the faults of bad input, one a line, without a stack
 * trace, and exit status 2. Only a fault of kubewire itself shows where it was thrown.
 */
import { InputError, printFault, RefusedError, UnsupportedError } from "../base/index.js";
import type { Terminal } from "./terminal.js";

/** Exit statuses: the property holds, it does not, the input was bad. */
export const EXIT = { holds: 0, fails: 1, badInput: 2 } as const;

/** Says what went wrong; gives the exit status. */
export function reportFailure(error: unknown, terminal: Terminal, json: boolean): number {
  if (error instanceof InputError) {
    if (json) terminal.out(`${JSON.stringify({ faults: error.faults })}\n`);
    else for (const fault of error.faults) terminal.err(`kubewire: ${printFault(fault)}\n`);
    return EXIT.badInput;
  }
  if (error instanceof RefusedError || error instanceof UnsupportedError) {
    if (json) terminal.out(`${JSON.stringify({ error: error.message, ...codeOf(error) })}\n`);
    else terminal.err(`kubewire: ${error.message}\n`);
    return EXIT.badInput;
  }
  throw error;
}

function codeOf(error: RefusedError | UnsupportedError): { code: string } {
  return { code: error instanceof RefusedError ? error.code : "unsupported" };
}
