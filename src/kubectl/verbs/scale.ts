/**
 * `kubectl scale`.
 *
 * Follows: kubectl v0.35 pkg/cmd/scale/scale.go, pkg/scale/scale.go.
 */
import type { KubeObject } from "../../objects/index.js";
import { mistake, serverError } from "../command/failure.js";
import { flags } from "../command/flags.js";
import { select } from "../command/selection.js";
import { jsonOf } from "../output/formats.js";
import type { Session } from "../session.js";
import { checkOutcomeFlags, dryRunOf, printDone, recorded } from "./outcome.js";

/** The flags of `scale`. */
export const SCALE_FLAGS = flags(
  "replicas!# current-replicas# resource-version= timeout= all l:selector= o:output= dry-run=[unchanged] f:filename* k:kustomize= R:recursive record template= show-managed-fields allow-missing-template-keys=[true]",
);

const SCALABLE: readonly string[] = ["Deployment", "ReplicaSet", "StatefulSet"];

/** Runs `scale`. */
export function scale(session: Session): void {
  const { args } = session;
  checkOutcomeFlags(session);
  const replicas = args.number("replicas") ?? 0;
  const current = args.number("current-replicas") ?? -1;
  if (replicas < 0) {
    throw mistake(
      "The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0",
    );
  }
  if (current < -1) {
    throw mistake("The --current-replicas must specify an integer of -1 or greater");
  }
  const selection = select(session, { words: args.names, bareKinds: args.isSet("all") });
  if (selection.items.length === 0) {
    session.settle(selection.failures);
    throw mistake("no objects passed to scale");
  }
  for (const { object } of selection.items) {
    scaleOne(session, object as KubeObject, { replicas, current });
  }
  session.settle(selection.failures);
}

interface Sizes {
  readonly replicas: number;
  /** -1 for any. */
  readonly current: number;
}

function scaleOne(session: Session, object: KubeObject, { current, replicas }: Sizes): void {
  const dry = dryRunOf(session);
  if (dry === "client") {
    printDone(session, object, "scaled");
    return;
  }
  if (!SCALABLE.includes(object.kind)) {
    throw serverError("NotFound", "the server could not find the requested resource");
  }
  const json = jsonOf(object);
  const spec = json.spec as Readonly<Record<string, unknown>>;
  const size = (spec.replicas as number | undefined) ?? 1;
  if (current !== -1 && current !== size) {
    throw mistake(`Expected replicas to be ${current}, was ${size}`);
  }
  const changed = recorded(session, { ...json, spec: { ...spec, replicas } });
  if (dry === "server") session.tryUpdate(changed);
  else session.update(changed);
  // Upstream prints the object as it was.
  printDone(session, object, "scaled");
}
