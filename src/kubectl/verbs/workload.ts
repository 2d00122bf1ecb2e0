/**
 * `kubectl scale`, `kubectl set image`, `kubectl rollout status`.
 *
 * Follows: kubectl v0.35 pkg/cmd/scale, pkg/cmd/set/set_image.go, pkg/polymorphichelpers
 * `rollout_status.go`.
 */
import type { DaemonSet, Deployment, Kind, KubeObject, StatefulSet } from "../../objects/index.js";
import { CommandFailure, mistake, serverError, usage } from "../command/failure.js";
import { flags, wholeNumber } from "../command/flags.js";
import { readOneTarget, readTargets } from "../command/resources.js";
import { jsonOf } from "../output/formats.js";
import type { Session } from "../session.js";
import { kindPrefix } from "../tables/tables.js";

/** The flags of `scale`. */
export const SCALE_FLAGS = flags(
  "replicas! current-replicas= resource-version= timeout= all l:selector= o:output= dry-run=[unchanged] f:filename*",
);
/** The flags of `set image`. */
export const SET_IMAGE_FLAGS = flags(
  "all l:selector= o:output= dry-run=[unchanged] local record field-manager= f:filename*",
);
/** The flags of `rollout status`. */
export const ROLLOUT_FLAGS = flags("w:watch=[true] timeout= revision= f:filename* l:selector=");

const SCALABLE: readonly string[] = ["Deployment", "ReplicaSet", "StatefulSet"];
const WITH_TEMPLATE: readonly string[] = [...SCALABLE, "DaemonSet", "Job"];

type Json = Record<string, unknown>;

/** Runs `scale`. */
export function scale(session: Session): void {
  const { args } = session;
  const replicas = wholeNumber(args, "replicas") ?? 0;
  if (replicas < 0)
    throw mistake(
      "The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0",
    );
  for (const target of readTargets(args.names)) {
    if (target.name === undefined) {
      throw mistake("resource(s) were provided, but no name was specified");
    }
    const object = session.find(target, target.name);
    if (!SCALABLE.includes(object.kind)) {
      throw serverError("NotFound", "the server could not find the requested resource");
    }
    const current = wholeNumber(args, "current-replicas");
    const json = jsonOf(object);
    const spec = json.spec as Json;
    if (current !== undefined && current !== spec.replicas) {
      throw mistake(`Expected replicas to be ${current}, was ${spec.replicas}`);
    }
    session.update({ ...json, spec: { ...spec, replicas } });
    session.print(`${kindPrefix(object.kind as Kind)}/${object.metadata.name} scaled`);
  }
}

/** Runs `set image`. */
export function setImage(session: Session): void {
  const { args } = session;
  const pairs = args.names.filter((word) => word.includes("="));
  if (pairs.length === 0) throw mistake("at least one image update is required");
  const words = args.names.filter((word) => !word.includes("="));
  for (const target of readTargets(words)) {
    if (target.name === undefined)
      throw mistake(
        "one or more resources must be specified as <resource> <name> or <resource>/<name>",
      );
    const object = session.find(target, target.name);
    const json = jsonOf(object);
    const changed = pairs.map((pair) => setOne(json, object, pair)).some(Boolean);
    if (!changed) continue;
    session.update(json);
    session.print(`${kindPrefix(object.kind as Kind)}/${object.metadata.name} image updated`);
  }
}

function setOne(json: Json, object: KubeObject, pair: string): boolean {
  const at = pair.indexOf("=");
  const [name, image] = [pair.slice(0, at), pair.slice(at + 1)];
  const spec = json.spec as Json;
  const podSpec = (object.kind === "Pod" ? spec : (spec.template as Json)?.spec) as Json;
  const containers = [
    ...((podSpec.initContainers ?? []) as Json[]),
    ...(podSpec.containers as Json[]),
  ];
  const found = containers.filter((c) => name === "*" || c.name === name);
  if (found.length === 0) throw mistake(`unable to find container named "${name}"`);
  const changed = found.filter((c) => c.image !== image);
  for (const container of changed) container.image = image;
  return changed.length > 0;
}

/** Runs `rollout status`. */
export function rollout(session: Session): void {
  const [what, ...words] = session.args.names;
  if (what !== "status") {
    throw new CommandFailure(`error: kubectl rollout ${what ?? ""} is not modelled`);
  }
  const target = readOneTarget("rollout status", words);
  const object = session.find(target, target.name);
  const { text, done } = statusOf(object);
  session.print(text);
  if (done) return;
  throw mistake("timed out waiting for the condition");
}

function statusOf(object: KubeObject): { text: string; done: boolean } {
  if (object.kind === "Deployment") return deploymentStatus(object);
  if (object.kind === "DaemonSet") return daemonSetStatus(object);
  if (object.kind === "StatefulSet") return statefulSetStatus(object);
  const known = WITH_TEMPLATE.includes(object.kind);
  throw usage(
    "rollout status",
    `no status viewer has been implemented for ${known ? "apps" : ""} ${object.kind}`,
  );
}

function deploymentStatus({ metadata, spec, status = {} }: Deployment) {
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

function daemonSetStatus({ metadata, status }: DaemonSet) {
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

function statefulSetStatus({ metadata, spec, status }: StatefulSet) {
  const replicas = spec.replicas ?? 1;
  const ready = status?.readyReplicas ?? 0;
  if (ready < replicas) {
    return { text: `Waiting for ${replicas - ready} pods to be ready...`, done: false };
  }
  const revision = status?.currentRevision ?? "";
  const text = `statefulset rolling update complete ${status?.currentReplicas ?? replicas} pods at revision ${revision}...`;
  void metadata;
  return { text, done: true };
}
