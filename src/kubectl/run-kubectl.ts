/**
 * The built-in kubectl: a command line in, what the real one would write out. Verbs are a table;
 * each declares its flags and gets a session.
 *
 * Follows: kubectl v1.35.4; see the verbs for the files.
 */
import type { KubectlBackend } from "./backend.js";
import { CommandFailure } from "./command/failure.js";
import { type Flag, flags, parseArguments } from "./command/flags.js";
import { suggest } from "./command/suggest.js";
import { splitWords } from "./command/words.js";
import { DESCRIBE_FLAGS, describe } from "./describe/describe.js";
import { type CallInput, Session } from "./session.js";
import { APPLY_FLAGS, apply } from "./verbs/apply.js";
import {
  CREATE_FLAGS,
  CREATE_KIND_FLAGS,
  createDeployment,
  createFromFiles,
  createNamespace,
  createService,
} from "./verbs/create.js";
import { DELETE_FLAGS, deleteObjects } from "./verbs/delete.js";
import { EXEC_FLAGS, exec, LOGS_FLAGS, logs } from "./verbs/exec.js";
import { explain } from "./verbs/explain.js";
import { EXPOSE_FLAGS, expose } from "./verbs/expose.js";
import { GET_FLAGS, get } from "./verbs/get.js";
import { annotate, LABEL_FLAGS, label } from "./verbs/label.js";
import { RUN_FLAGS, run } from "./verbs/run.js";
import {
  ROLLOUT_FLAGS,
  rollout,
  SCALE_FLAGS,
  SET_IMAGE_FLAGS,
  scale,
  setImage,
} from "./verbs/workload.js";

/** What a command wrote, and how it ended. */
export interface CommandResult {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Verb {
  readonly flags: readonly Flag[];
  readonly run: (session: Session) => void;
}

const VERBS: Readonly<Record<string, Verb>> = {
  run: { flags: RUN_FLAGS, run },
  expose: { flags: EXPOSE_FLAGS, run: expose },
  get: { flags: GET_FLAGS, run: get },
  describe: { flags: DESCRIBE_FLAGS, run: describe },
  create: { flags: CREATE_FLAGS, run: createFromFiles },
  apply: { flags: APPLY_FLAGS, run: apply },
  delete: { flags: DELETE_FLAGS, run: deleteObjects },
  label: { flags: LABEL_FLAGS, run: label },
  annotate: { flags: LABEL_FLAGS, run: annotate },
  scale: { flags: SCALE_FLAGS, run: scale },
  "set image": { flags: SET_IMAGE_FLAGS, run: setImage },
  rollout: { flags: ROLLOUT_FLAGS, run: rollout },
  exec: { flags: EXEC_FLAGS, run: exec },
  logs: { flags: LOGS_FLAGS, run: logs },
  explain: { flags: flags("recursive api-version= o:output="), run: explain },
  "create deployment": { flags: CREATE_KIND_FLAGS.deployment, run: createDeployment },
  "create namespace": { flags: CREATE_KIND_FLAGS.namespace, run: createNamespace },
};

/** Other spellings of what `create` makes. */
const CREATE_ALIASES: Readonly<Record<string, string>> = {
  deployment: "deployment",
  deploy: "deployment",
  dep: "deployment",
  namespace: "namespace",
  ns: "namespace",
};

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
    verb.run(session);
    return { exit: session.exit, stdout: session.out, stderr: session.err };
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    const before = session?.err ?? "";
    return { exit: error.exit, stdout: session?.out ?? "", stderr: `${before}${error.message}\n` };
  }
}

interface FoundVerb {
  readonly verb: Verb;
  readonly name: string;
  readonly rest: readonly string[];
}

function findVerb(typed: readonly string[]): FoundVerb {
  const at = typed.findIndex((word, i) => !word.startsWith("-") && !isValueOf(typed[i - 1]));
  const name = typed[at] ?? "";
  if (at < 0) throw new CommandFailure("error: kubectl needs a command", 1);
  const rest = [...typed.slice(0, at), ...typed.slice(at + 1)];
  if (name === "create") return findCreate(rest);
  if (name === "set") return findSet(rest);
  const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (verb === undefined) throw new CommandFailure(suggest(name));
  return { verb, name, rest };
}

function isValueOf(word: string | undefined): boolean {
  return word === "-n" || word === "--namespace" || word === "--context";
}

function findCreate(rest: readonly string[]): FoundVerb {
  const [what = "", ...more] = rest;
  const alias = CREATE_ALIASES[what];
  if (alias !== undefined) {
    const name = `create ${alias}`;
    return { verb: VERBS[name] as Verb, name, rest: more };
  }
  if (what === "service" || what === "svc") {
    const [type = "", ...words] = more;
    const verb = {
      flags: CREATE_KIND_FLAGS.service,
      run: (s: Session) => createService(s, type),
    };
    return { verb, name: `create service ${type}`, rest: words };
  }
  return { verb: VERBS.create as Verb, name: "create", rest };
}

function findSet(rest: readonly string[]): FoundVerb {
  const [what, ...more] = rest;
  if (what !== "image")
    throw new CommandFailure(`error: kubectl set ${what ?? ""} is not modelled`);
  return { verb: VERBS["set image"] as Verb, name: "set image", rest: more };
}
