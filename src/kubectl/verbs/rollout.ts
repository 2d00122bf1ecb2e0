/**
 * `kubectl rollout status` and `kubectl rollout history`.
 *
 * Follows: kubectl v0.35 pkg/cmd/rollout, pkg/polymorphichelpers rollout_status.go, history.go.
 */
import type {
  DaemonSet,
  Deployment,
  KubeObject,
  PodTemplateSpec,
  ReplicaSet,
  StatefulSet,
} from "../../objects/index.js";
import { type CommandFailure, mistake, notModelled, usage } from "../command/failure.js";
import { flags } from "../command/flags.js";
import { type Item, select } from "../command/selection.js";
import { describeTemplate } from "../describe/pod.js";
import { DescribeWriter, layOutTabs } from "../describe/writer.js";
import type { Session } from "../session.js";
import { kindPrefix } from "../tables/tables.js";

const CHANGING = flags(
  "o:output= dry-run=[unchanged] field-manager= f:filename* k:kustomize= R:recursive l:selector= template=",
);

/** The flags of the subcommands of `rollout`. */
export const ROLLOUT_FLAGS = {
  status: flags(
    "w:watch=[true] timeout= revision= f:filename* k:kustomize= R:recursive l:selector=",
  ),
  history: flags("revision# o:output= f:filename* k:kustomize= R:recursive l:selector= template="),
  restart: CHANGING,
  pause: CHANGING,
  resume: CHANGING,
  undo: flags(
    "to-revision# o:output= dry-run=[unchanged] f:filename* k:kustomize= R:recursive l:selector= template=",
  ),
} as const;

/** A subcommand that is not there. */
export function noRollout(name: string): CommandFailure {
  return usage("rollout", `unknown command "${name}"`);
}

/** What a subcommand is about; that there is nothing is told, but not by all. */
export function found(session: Session, isTold = true): readonly Item[] {
  const { args } = session;
  if (args.names.length === 0 && !args.has("filename")) {
    throw mistake("required resource not specified");
  }
  const { failures, items } = select(session, { words: args.names, bareKinds: true });
  if (items.length === 0) session.settle(failures);
  if (items.length === 0 && isTold) {
    session.complain(`No resources found in ${session.namespace} namespace.`);
  }
  return items;
}

/** Runs `rollout status`. A roll-out that is not over cannot be waited for. */
export function rolloutStatus(session: Session): void {
  for (const { object } of found(session)) {
    const { text, done } = statusOf(object as KubeObject);
    session.print(text);
    if (!done && (session.args.text("watch") ?? "true") !== "false") {
      throw mistake("timed out waiting for the condition");
    }
  }
}

interface Status {
  readonly text: string;
  readonly done: boolean;
}

function statusOf(object: KubeObject): Status {
  if (object.kind === "Deployment") return deploymentStatus(object);
  if (object.kind === "DaemonSet") return daemonSetStatus(object);
  if (object.kind === "StatefulSet") return statefulSetStatus(object);
  throw mistake(`no status viewer has been implemented for ${groupKind(object)}`);
}

/** Kinds that are workloads, whose roll-outs are not told all the same. */
const NO_ROLLOUT = ["Job", "Pod", "ReplicaSet", "CronJob"];

/** A kind whose roll-outs are not told: `what` is what upstream looks for. */
export function noViewer(object: KubeObject, what: string, missing: string): CommandFailure {
  const kind = groupKind(object);
  if (NO_ROLLOUT.includes(object.kind)) {
    return mistake(`no ${missing} has been implemented for "${kind}"`);
  }
  const [group = ""] = object.apiVersion.includes("/") ? object.apiVersion.split("/") : [];
  const none = `no visitor method exists for {${group} ${object.kind}}`;
  return mistake(`error retrieving ${what} for "${kind}", ${none}`);
}

/** `Job.batch`, `Pod`. */
function groupKind({ apiVersion, kind }: KubeObject): string {
  return apiVersion.includes("/") ? `${kind}.${apiVersion.split("/")[0]}` : kind;
}

function deploymentStatus({ metadata, spec, status = {} }: Deployment): Status {
  const waiting = `Waiting for deployment "${metadata.name}" rollout to finish:`;
  const replicas = spec.replicas ?? 1;
  const { availableReplicas = 0, replicas: total = 0, updatedReplicas = 0 } = status;
  if (updatedReplicas < replicas) {
    const text = `${updatedReplicas} out of ${replicas} new replicas have been updated...`;
    return { text: `${waiting} ${text}`, done: false };
  }
  if (total > updatedReplicas) {
    const text = `${total - updatedReplicas} old replicas are pending termination...`;
    return { text: `${waiting} ${text}`, done: false };
  }
  if (availableReplicas < updatedReplicas) {
    const text = `${availableReplicas} of ${updatedReplicas} updated replicas are available...`;
    return { text: `${waiting} ${text}`, done: false };
  }
  return { text: `deployment "${metadata.name}" successfully rolled out`, done: true };
}

function daemonSetStatus({ metadata, spec, status }: DaemonSet): Status {
  if (spec.updateStrategy?.type !== undefined && spec.updateStrategy.type !== "RollingUpdate") {
    throw mistake(`rollout status is only available for RollingUpdate strategy type`);
  }
  const waiting = `Waiting for daemon set "${metadata.name}" rollout to finish:`;
  const desired = status?.desiredNumberScheduled ?? 0;
  const updated = status?.updatedNumberScheduled ?? 0;
  const available = status?.numberAvailable ?? 0;
  if (updated < desired) {
    const text = `${updated} out of ${desired} new pods have been updated...`;
    return { text: `${waiting} ${text}`, done: false };
  }
  if (available < desired) {
    const text = `${available} of ${desired} updated pods are available...`;
    return { text: `${waiting} ${text}`, done: false };
  }
  return { text: `daemon set "${metadata.name}" successfully rolled out`, done: true };
}

function statefulSetStatus({ spec, status }: StatefulSet): Status {
  const { rollingUpdate, type = "RollingUpdate" } = spec.updateStrategy ?? {};
  if (type !== "RollingUpdate") {
    throw mistake(`rollout status is only available for RollingUpdate strategy type`);
  }
  const replicas = spec.replicas ?? 1;
  const ready = status?.readyReplicas ?? 0;
  if (ready < replicas) {
    return { text: `Waiting for ${replicas - ready} pods to be ready...`, done: false };
  }
  const updated = status?.updatedReplicas ?? 0;
  if (rollingUpdate?.partition !== undefined) {
    const wanted = replicas - rollingUpdate.partition;
    if (updated < wanted) {
      const text = `Waiting for partitioned roll out to finish: ${updated} out of ${wanted} new pods have been updated...`;
      return { text, done: false };
    }
    const text = `partitioned roll out complete: ${updated} new pods have been updated...`;
    return { text, done: true };
  }
  const text = `statefulset rolling update complete ${status?.currentReplicas ?? 0} pods at revision ${status?.currentRevision ?? ""}...`;
  return { text, done: true };
}

/** Runs `rollout history`: the revisions of Deployments. */
export function rolloutHistory(session: Session): void {
  const { args } = session;
  const revision = args.number("revision") ?? 0;
  if (revision < 0) throw mistake(`revision must be a positive integer: ${revision}`);
  if (args.has("output")) throw notModelled("kubectl rollout history as a whole object");
  for (const { kind, name, object } of found(session, false)) {
    if (kind === "DaemonSet" || kind === "StatefulSet") {
      throw notModelled(`kubectl rollout history of a ${kind}`);
    }
    if (object?.kind !== "Deployment") {
      throw noViewer(object as KubeObject, "history", "history viewer");
    }
    const ending = revision > 0 ? `with revision #${revision}` : "";
    const text =
      revision > 0 ? templateOf(session, object, revision) : revisionTable(session, object);
    session.out += `${kindPrefix(kind)}/${name} ${ending}\n${text}\n`;
  }
}

function revisionTable(session: Session, deployment: Deployment): string {
  const rows = setsByRevision(session, deployment).map(({ metadata }) => {
    const cause = metadata.annotations?.["kubernetes.io/change-cause"] || "<none>";
    return `${metadata.annotations?.[REVISION]}\t${cause}`;
  });
  return layOutTabs(["REVISION\tCHANGE-CAUSE", ...rows, ""]);
}

/** The template of one revision; upstream does not lay it out. */
function templateOf(session: Session, deployment: Deployment, revision: number): string {
  const sets = setsByRevision(session, deployment);
  const set = sets.find((one) => one.metadata.annotations?.[REVISION] === String(revision));
  if (set === undefined) throw mistake("unable to find the specified revision");
  const { annotations } = set.metadata;
  const cause = annotations?.["kubernetes.io/change-cause"];
  const template = set.spec.template;
  const own = cause === undefined ? {} : { "kubernetes.io/change-cause": cause };
  const metadata = {
    ...template?.metadata,
    annotations: { ...template?.metadata?.annotations, ...own },
  };
  return plainTemplate({ ...template, metadata } as PodTemplateSpec);
}

/** A template described, tabs and all. */
export function plainTemplate(template: PodTemplateSpec): string {
  const w = new DescribeWriter();
  describeTemplate(w, template);
  return w.plain();
}

const REVISION = "deployment.kubernetes.io/revision";

/** The ReplicaSets of a Deployment, by the number of their version. */
export function setsByRevision(session: Session, { metadata }: Deployment): readonly ReplicaSet[] {
  const sets = session.backend.list("ReplicaSet", metadata.namespace) as readonly ReplicaSet[];
  return sets
    .filter((set) => set.metadata.ownerReferences?.some((o) => o.uid === metadata.uid))
    .sort((a, b) => revisionOf(a) - revisionOf(b));
}

/** The number of a ReplicaSet's version. */
export function revisionOf({ metadata }: ReplicaSet): number {
  return Number(metadata.annotations?.[REVISION] ?? 0);
}
