/**
 * `kubectl exec` and `kubectl logs`, as far as they have a meaning here: commands are handed to the
 * simulation.
 *
 * Follows: kubectl v0.35 pkg/cmd/exec/exec.go, pkg/cmd/logs/logs.go.
 */
import type { KubeObject, Pod } from "../../objects/index.js";
import { matchesSelector } from "../../objects/index.js";
import { CommandFailure, mistake, notModelled, serverError, usage } from "../command/failure.js";
import { flags } from "../command/flags.js";
import { getResource } from "../command/resources.js";
import type { Session } from "../session.js";

/** The flags of `exec`. */
export const EXEC_FLAGS = flags(
  "c:container= i:stdin t:tty q:quiet pod-running-timeout= f:filename= k:kustomize= R:recursive",
);
/** The flags of `logs`. */
export const LOGS_FLAGS = flags(
  "c:container= f:follow p:previous tail# since= since-time= timestamps l:selector= all-containers prefix all-pods limit-bytes# max-log-requests# ignore-errors pod-running-timeout= insecure-skip-tls-verify-backend",
);

/** Runs `exec`. */
export function exec(session: Session): void {
  const { args, backend } = session;
  const [first, ...words] = args.names;
  if (words.length > 0) {
    throw usage(
      "exec",
      "exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead",
    );
  }
  if (first === undefined) throw mistake("pod, type/name or --filename must be specified");
  const command = args.rest ?? [];
  if (command.length === 0) {
    throw mistake("you must specify at least one command for the container");
  }
  const pod = podOf(session, first);
  const container = args.text("container");
  checkContainer(pod, container);
  if (backend.exec === undefined) throw notModelled("exec without a running simulation");
  const { name } = pod.metadata;
  const result = backend.exec({ namespace: session.namespace, pod: name, container, command });
  session.out += result.stdout;
  session.err += result.stderr;
  if (result.exit !== 0) session.complain(`command terminated with exit code ${result.exit}`);
  session.exit = result.exit;
}

function checkContainer({ metadata, spec }: Pod, container: string | undefined): void {
  const all = [...spec.containers, ...(spec.initContainers ?? [])];
  if (container === undefined || all.some((c) => c.name === container)) return;
  const text = `container ${container} is not valid for pod ${metadata.name}`;
  throw serverError("BadRequest", text);
}

/** The pod that is meant: itself, or the first one that a Service or workload selects. */
function podOf(session: Session, word: string): Pod {
  const parts = word.split("/");
  if (parts.length > 2) {
    throw mistake("arguments in resource/name form may not have more than one slash");
  }
  const [kind, name] = parts.length === 2 ? (parts as [string, string]) : ["pods", word];
  const object = session.find(getResource(kind), name);
  if (object.kind === "Pod") return object;
  const pods = session.backend.list("Pod", session.namespace) as readonly Pod[];
  const selects = selectorOf(object);
  const pod = pods.find((p) => selects(p));
  if (pod === undefined) throw mistake("timed out waiting for the condition");
  return pod;
}

function selectorOf(object: KubeObject): (pod: Pod) => boolean {
  if (object.kind === "Service") {
    const selector = object.spec.selector ?? {};
    if (Object.keys(selector).length === 0) {
      throw mistake(
        `cannot attach to *v1.Service: invalid service '${object.metadata.name}': Service is defined without a selector`,
      );
    }
    return (pod) => matchesSelector({ matchLabels: selector }, pod.metadata.labels);
  }
  const workloads = ["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job"];
  if (!workloads.includes(object.kind) || !("spec" in object)) {
    throw mistake(
      `cannot attach to *v1.${object.kind}: selector for *v1.${object.kind} not implemented`,
    );
  }
  const { selector } = object.spec as { readonly selector?: Parameters<typeof matchesSelector>[0] };
  return (pod) => selector !== undefined && matchesSelector(selector, pod.metadata.labels);
}

/** Runs `logs`: the containers of a simulation write none. */
export function logs(session: Session): void {
  const { args } = session;
  const [word] = args.names;
  const isSelecting = args.has("selector");
  if ((word === undefined && !isSelecting) || args.names.length > 2) {
    throw usage(
      "logs",
      "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command",
    );
  }
  if (word !== undefined) findForLogs(session, word);
  throw notModelled("kubectl logs");
}

function findForLogs(session: Session, word: string): void {
  const [kind, name] = word.includes("/") ? (word.split("/") as [string, string]) : ["pods", word];
  try {
    session.find(getResource(kind), name);
  } catch (error) {
    if (!(error instanceof CommandFailure) || error.reason !== "NotFound") throw error;
    throw mistake(
      `error from server (NotFound): ${error.detail} in namespace "${session.namespace}"`,
    );
  }
}
