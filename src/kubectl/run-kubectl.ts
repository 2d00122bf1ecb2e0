/**
 * The built-in kubectl: a command line in, what the real one would write out.
 *
 * Follows: kubectl v1.35.4; see the verbs for the files.
 */
import type { KubectlBackend } from "./backend.js";
import { CommandFailure } from "./command/failure.js";
import { parseArguments } from "./command/flags.js";
import { helpOf } from "./command/help.js";
import { splitWords } from "./command/words.js";
import { type CallInput, Session } from "./session.js";
import { findVerb } from "./verbs/verbs.js";

/** What a command wrote, and how it ended. */
export interface CommandResult {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

const RECORD_WARNING = "Flag --record has been deprecated, --record will be removed in the future";

/**
 * Runs one command line.
 *
 * Shape: changes the backend only. `line` may begin with `kubectl`.
 * Returns: what was written to both streams, and the exit status; what a user did wrong is told
 * there, never thrown.
 *
 * @example
 * runKubectl("get pods -o wide", backend).stdout
 */
export function runKubectl(
  line: string | readonly string[],
  backend: KubectlBackend,
  input: CallInput = {},
): CommandResult {
  const words = typeof line === "string" ? splitWords(line) : line;
  const typed = words[0] === "kubectl" ? words.slice(1) : words;
  let session: Session | undefined;
  try {
    const { verb, name, rest } = findVerb(typed);
    session = new Session(parseArguments(name, rest, verb.flags), backend, input);
    if (session.args.has("record")) session.complain(RECORD_WARNING);
    if (session.args.isSet("help")) session.out += helpOf(name, verb.flags);
    else verb.run(session);
    return { exit: session.exit, stdout: session.out, stderr: session.err };
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    const before = session?.err ?? "";
    return { exit: error.exit, stdout: session?.out ?? "", stderr: `${before}${error.message}\n` };
  }
}
