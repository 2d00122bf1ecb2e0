/**
 * `kubectl rollout restart`, `pause`, `resume` and `undo`.
 *
 * Follows: kubectl v0.35 pkg/cmd/rollout, pkg/polymorphichelpers objectrestarter.go, objectpauser.go,
 * objectresumer.go, rollback.go.
 */
import {
  type Deployment,
  type KubeObject,
  type PodTemplateSpec,
  parseTime,
  printTime,
  type ReplicaSet,
} from "../../objects/index.js";
import { CommandFailure, mistake, notModelled, resourceName } from "../command/failure.js";
import type { Item } from "../command/selection.js";
import { jsonOf } from "../output/formats.js";
import { goJson } from "../output/go-value.js";
import type { Session } from "../session.js";
import { checkOutcomeFlags, dryRunOf, printDone } from "./outcome.js";
import { found, noViewer, plainTemplate, revisionOf, setsByRevision } from "./rollout.js";

type Json = Readonly<Record<string, unknown>>;

/** Changes every object that a subcommand is about; what cannot be changed is told at the end. */
function changeEach(session: Session, done: string, change: (item: Item) => Json | string): void {
  checkOutcomeFlags(session);
  const failures: CommandFailure[] = [];
  for (const item of found(session)) {
    try {
      const changed = change(item);
      if (typeof changed === "string") printDone(session, item.object as KubeObject, changed);
      else printDone(session, store(session, item, changed), done);
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      failures.push(mistake(`error: ${resourceName(item.info)} "${item.name}" ${error.detail}`));
    }
  }
  session.settle(failures);
}

function store(session: Session, { object }: Item, changed: Json): KubeObject {
  const dry = dryRunOf(session);
  if (dry === "client") return object as KubeObject;
  return dry === "server" ? session.tryUpdate(changed) : session.update(changed);
}

const RESTARTED = "kubectl.kubernetes.io/restartedAt";

/** Runs `rollout restart`: a new template, so new pods. */
export function rolloutRestart(session: Session): void {
  changeEach(session, "restarted", ({ object }) => {
    const json = jsonOf(object as KubeObject);
    const spec = json.spec as Json;
    if (!["Deployment", "DaemonSet", "StatefulSet"].includes(String(json.kind))) {
      throw mistake("restarting is not supported");
    }
    if (spec.paused === true) {
      throw mistake("can't restart paused deployment (run rollout resume first)");
    }
    const template = spec.template as Json;
    const metadata = (template.metadata ?? {}) as Json;
    const before = (metadata.annotations ?? {}) as Json;
    const time = restartTime(session.backend.now(), before[RESTARTED]);
    const annotations = { ...before, [RESTARTED]: time };
    const changed = { ...template, metadata: { ...metadata, annotations } };
    return { ...json, spec: { ...spec, template: changed } };
  });
}

/** A restart is a second after the last one where the clock stood still since. */
function restartTime(now: number, last: unknown): string {
  const before = typeof last === "string" ? parseTime(last) : undefined;
  return printTime(before === undefined || before < now ? now : before + 1);
}

/** Runs `rollout pause`. */
export function rolloutPause(session: Session): void {
  changeEach(session, "paused", ({ object }) => {
    if (object?.kind !== "Deployment") throw mistake("pausing is not supported");
    if (object.spec.paused === true) throw mistake("is already paused");
    const json = jsonOf(object);
    return { ...json, spec: { ...(json.spec as Json), paused: true } };
  });
}

/** Runs `rollout resume`. */
export function rolloutResume(session: Session): void {
  changeEach(session, "resumed", ({ object }) => {
    if (object?.kind !== "Deployment") throw mistake("resuming is not supported");
    if (object.spec.paused !== true) throw mistake("is not paused");
    const json = jsonOf(object);
    const { paused: _, ...spec } = json.spec as Json;
    return { ...json, spec };
  });
}

/** Runs `rollout undo`: the template of an earlier ReplicaSet again. */
export function rolloutUndo(session: Session): void {
  const revision = session.args.number("to-revision") ?? 0;
  checkOutcomeFlags(session);
  if (revision < 0) throw mistake(`unable to find specified revision ${revision} in history`);
  for (const item of found(session, false)) {
    const { object } = item;
    if (object?.kind === "DaemonSet" || object?.kind === "StatefulSet") {
      throw notModelled(`kubectl rollout undo of a ${object.kind}`);
    }
    if (object?.kind !== "Deployment") {
      throw noViewer(object as KubeObject, "rollbacker", "rollbacker");
    }
    undoOne(session, item, object, revision);
  }
}

function undoOne(session: Session, item: Item, deployment: Deployment, revision: number): void {
  const target = targetOf(session, deployment, revision);
  if (dryRunOf(session) === "client") {
    printDone(session, deployment, plainTemplate(target.spec.template as PodTemplateSpec));
    return;
  }
  if (deployment.spec.paused === true) {
    throw mistake(
      "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again",
    );
  }
  const json = jsonOf(deployment);
  const template = withoutHash(jsonOf(target));
  if (goJson(template) === goJson(withoutHash(json))) {
    const why = `(current template already matches revision ${revision})`;
    printDone(session, deployment, `skipped rollback ${why}`);
    return;
  }
  const changed = { ...json, spec: { ...(json.spec as Json), template } };
  printDone(session, store(session, item, changed), "rolled back");
}

/** The ReplicaSet of a revision; of the one before the newest where none is given. */
function targetOf(session: Session, deployment: Deployment, revision: number): ReplicaSet {
  const sets = setsByRevision(session, deployment);
  const target = revision === 0 ? sets.at(-2) : sets.find((set) => revisionOf(set) === revision);
  if (target !== undefined) return target;
  if (revision > 0) throw mistake(`unable to find specified revision ${revision} in history`);
  throw mistake(`no rollout history found for deployment "${deployment.metadata.name}"`);
}

/** The template of an object, without the label that ties pods to it. */
function withoutHash(json: Json): Json {
  const template = (json.spec as Json).template as Json;
  const metadata = (template.metadata ?? {}) as Json;
  const { "pod-template-hash": _, ...labels } = (metadata.labels ?? {}) as Json;
  return { ...template, metadata: { ...metadata, labels } };
}
