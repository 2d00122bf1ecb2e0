/**
 * `kubectl exec` and `kubectl logs`, as far as they have a meaning here: commands are handed to the
 * simulation.
 */
import { mistake, usage } from "../command/failure.js";
import { flags } from "../command/flags.js";
import { getResource } from "../command/resources.js";
import type { Session } from "../session.js";

/** The flags of `exec`. */
export const EXEC_FLAGS = flags(
  "c:container= i:stdin t:tty q:quiet pod-running-timeout= f:filename=",
);
/** The flags of `logs`. */
export const LOGS_FLAGS = flags(
  "c:container= f:follow p:previous tail= since= timestamps l:selector= all-containers prefix",
);

/** Runs `exec`. */
export function exec(session: Session): void {
  const { args, backend } = session;
  const [first, ...words] = args.names;
  if (first === undefined) {
    throw usage("exec", "pod, type/name or --filename must be specified");
  }
  const command = [...words, ...(args.rest ?? [])];
  if (command.length === 0) {
    throw mistake("you must specify at least one command for the container");
  }
  const [kind, name] = first.includes("/")
    ? (first.split("/") as [string, string])
    : ["pod", first];
  const pod = podOf(session, kind, name);
  if (backend.exec === undefined) throw mistake("exec needs a running simulation");
  const container = args.text("container");
  const result = backend.exec({ namespace: session.namespace, pod, container, command });
  session.out += result.stdout;
  session.err += result.stderr;
  if (result.exit !== 0) session.complain(`command terminated with exit code ${result.exit}`);
  session.exit = result.exit;
}

/** The pod that is meant: itself, or the first one that a Service or workload selects. */
function podOf(session: Session, kind: string, name: string): string {
  const resource = getResource(kind);
  const object = session.find(resource, name);
  if (object.kind === "Pod") return name;
  const owners = new Set([name]);
  for (const set of session.backend.list("ReplicaSet", session.namespace)) {
    if (set.metadata.ownerReferences?.some((o) => o.name === name)) owners.add(set.metadata.name);
  }
  const pod = session.backend
    .list("Pod", session.namespace)
    .find((p) => p.metadata.ownerReferences?.some((o) => owners.has(o.name)) === true);
  if (pod === undefined) throw mistake(`no pods found for ${kind}/${name}`);
  return pod.metadata.name;
}

/** Runs `logs`: the containers of a simulation write none. */
export function logs(session: Session): void {
  const [name] = session.args.names;
  if (name === undefined) {
    throw usage(
      "logs",
      "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command",
    );
  }
  session.find(getResource("pods"), name.replace(/^pods?\//, ""));
}
