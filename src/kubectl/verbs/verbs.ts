/** The verbs by name: each declares its flags and gets a session. */
import { CommandFailure, notModelled, usage } from "../command/failure.js";
import type { Flag } from "../command/flags.js";
import { GROUP_HELP, helpOfAll } from "../command/help.js";
import { suggest } from "../command/suggest.js";
import { DESCRIBE_FLAGS, describe } from "../describe/describe.js";
import type { Session } from "../session.js";
import { APPLY_FLAGS, apply } from "./apply.js";
import {
  CREATE_FLAGS,
  CREATE_KIND_FLAGS,
  createDeployment,
  createFromFiles,
  createNamespace,
} from "./create.js";
import { createService, noService, SERVICE_TYPES, type ServiceWord } from "./create-service.js";
import { DELETE_FLAGS, deleteObjects } from "./delete.js";
import { EXEC_FLAGS, exec, LOGS_FLAGS, logs } from "./exec.js";
import { EXPLAIN_FLAGS, explain } from "./explain.js";
import { EXPOSE_FLAGS, expose } from "./expose.js";
import { GET_FLAGS, get } from "./get.js";
import { annotate, LABEL_FLAGS, label } from "./label.js";
import { noRollout, ROLLOUT_FLAGS, rolloutHistory, rolloutStatus } from "./rollout.js";
import { rolloutPause, rolloutRestart, rolloutResume, rolloutUndo } from "./rollout-change.js";
import { RUN_FLAGS, run } from "./run.js";
import { SCALE_FLAGS, scale } from "./scale.js";
import { SET_IMAGE_FLAGS, setImage } from "./set-image.js";

/** One verb. */
export interface Verb {
  readonly flags: readonly Flag[];
  readonly run: (session: Session) => void;
}

/** A verb, its whole name, and the words after it. */
export interface FoundVerb {
  readonly verb: Verb;
  readonly name: string;
  readonly rest: readonly string[];
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
  exec: { flags: EXEC_FLAGS, run: exec },
  logs: { flags: LOGS_FLAGS, run: logs },
  explain: { flags: EXPLAIN_FLAGS, run: explain },
};

const CREATE_DEPLOYMENT = { flags: CREATE_KIND_FLAGS.deployment, run: createDeployment };
const CREATE_NAMESPACE = { flags: CREATE_KIND_FLAGS.namespace, run: createNamespace };

/** What `create` makes by name, under every name it goes by. */
const CREATES: Readonly<Record<string, readonly [string, Verb]>> = {
  deployment: ["deployment", CREATE_DEPLOYMENT],
  deploy: ["deployment", CREATE_DEPLOYMENT],
  namespace: ["namespace", CREATE_NAMESPACE],
  ns: ["namespace", CREATE_NAMESPACE],
};

const ROLLOUTS: Readonly<Record<string, Verb>> = {
  status: { flags: ROLLOUT_FLAGS.status, run: rolloutStatus },
  history: { flags: ROLLOUT_FLAGS.history, run: rolloutHistory },
  restart: { flags: ROLLOUT_FLAGS.restart, run: rolloutRestart },
  pause: { flags: ROLLOUT_FLAGS.pause, run: rolloutPause },
  resume: { flags: ROLLOUT_FLAGS.resume, run: rolloutResume },
  undo: { flags: ROLLOUT_FLAGS.undo, run: rolloutUndo },
};

/** What `create` can make besides, by its first word. */
const OTHER_CREATES =
  "clusterrole clusterrolebinding configmap cm cronjob cj ingress ing job poddisruptionbudget pdb priorityclass pc quota resourcequota role rolebinding secret serviceaccount sa token".split(
    " ",
  );

/** Subcommands of `set` that are not here. */
const SETS = ["env", "resources", "selector", "serviceaccount", "sa", "subject"];

/** A verb that tells a help text; where no subcommand was typed, that is a failure. */
function telling(name: keyof typeof GROUP_HELP, rest: readonly string[]): FoundVerb {
  const isAsked = rest.some((word) => word === "-h" || word === "--help");
  const run = (session: Session) => {
    // Only `rollout` tells it on standard output.
    if (isAsked || name === "rollout") session.out += GROUP_HELP[name];
    else session.err += GROUP_HELP[name];
    session.exit = isAsked ? 0 : 1;
  };
  return { verb: { flags: [], run }, name, rest: [] };
}

const HELP: Verb = {
  flags: [],
  run: (session) => {
    session.out += helpOfAll();
  },
};

/** Finds the verb that was typed. Errors: `CommandFailure` in kubectl's words. */
export function findVerb(typed: readonly string[]): FoundVerb {
  const at = typed.findIndex((word, i) => !word.startsWith("-") && !isValueOf(typed[i - 1]));
  const name = typed[at];
  if (name === undefined) {
    const flags = typed.filter((word) => word !== "-h" && word !== "--help");
    return { verb: HELP, name: "", rest: flags };
  }
  const rest = [...typed.slice(0, at), ...typed.slice(at + 1)];
  if (name === "help") {
    return rest.length === 0 ? { verb: HELP, name: "", rest } : findVerb([...rest, "--help"]);
  }
  if (name === "create") return findCreate(rest);
  if (name === "set") return findSet(rest);
  if (name === "rollout") return findRollout(rest);
  const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (verb === undefined) throw new CommandFailure(suggest(name));
  checkLeadingFlags(typed.slice(0, at));
  return { verb, name, rest };
}

function isValueOf(word: string | undefined): boolean {
  return ["-n", "--namespace", "--context", "--kubeconfig", "-s", "--server"].includes(word ?? "");
}

/** Before the verb only flags may stand that every verb takes. */
function checkLeadingFlags(words: readonly string[]): void {
  const known =
    /^(-n|-s|-v|--(namespace|context|cluster|user|kubeconfig|server|v|request-timeout|as))(=|$)/;
  const [first] = words.filter((word) => word.startsWith("-") && !known.test(word));
  if (first === undefined) return;
  throw new CommandFailure(`Error: flags cannot be placed before plugin name: ${first}`);
}

function findCreate(rest: readonly string[]): FoundVerb {
  const [what = "", ...more] = rest;
  if (Object.hasOwn(CREATES, what)) {
    const [name, verb] = CREATES[what] as readonly [string, Verb];
    return { verb, name: `create ${name}`, rest: more };
  }
  if (OTHER_CREATES.includes(what)) throw notModelled(`kubectl create ${what}`);
  if (what !== "service" && what !== "svc") {
    return { verb: VERBS.create as Verb, name: "create", rest };
  }
  const [type = "", ...words] = more;
  if (type === "" || type.startsWith("-")) return telling("create service", more);
  if (!Object.hasOwn(SERVICE_TYPES, type)) throw noService(more);
  const word = type as ServiceWord;
  const verb = { flags: SERVICE_TYPES[word].flags, run: (s: Session) => createService(s, word) };
  return { verb, name: `create service ${type}`, rest: words };
}

function findSet(rest: readonly string[]): FoundVerb {
  const [what = "", ...more] = rest;
  if (what === "image") {
    return { verb: { flags: SET_IMAGE_FLAGS, run: setImage }, name: "set image", rest: more };
  }
  if (what === "" || what.startsWith("-")) return telling("set", rest);
  if (SETS.includes(what)) throw notModelled(`kubectl set ${what}`);
  throw usage("set", `unknown command ${JSON.stringify(rest.join(" "))}`);
}

function findRollout(rest: readonly string[]): FoundVerb {
  const at = rest.findIndex((word, i) => !word.startsWith("-") && !isValueOf(rest[i - 1]));
  const what = rest[at] ?? "";
  if (what === "") return telling("rollout", rest);
  if (!Object.hasOwn(ROLLOUTS, what)) throw noRollout(what);
  const more = [...rest.slice(0, at), ...rest.slice(at + 1)];
  return { verb: ROLLOUTS[what] as Verb, name: `rollout ${what}`, rest: more };
}
