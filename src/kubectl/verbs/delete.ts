/**
 * `kubectl delete`.
 *
 * Follows: kubectl v0.35 pkg/cmd/delete/delete.go.
 */
import { CommandFailure, mistake, notFound, serverError, sourced } from "../command/failure.js";
import { flags } from "../command/flags.js";
import { type Item, select } from "../command/selection.js";
import type { Session } from "../session.js";
import { kindPrefix } from "../tables/tables.js";
import { dryRunEnding, dryRunOf } from "./outcome.js";

/** The flags of `delete`. */
export const DELETE_FLAGS = flags(
  "f:filename* k:kustomize= R:recursive l:selector= all A:all-namespaces force grace-period# now wait=[true] timeout= cascade=[background] ignore-not-found=[true] o:output= dry-run=[unchanged] field-selector= i:interactive raw=",
);

const FORCED =
  "Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.";
const CLUSTER_SCOPED =
  "Warning: deleting cluster-scoped resources, not scoped to the provided namespace";

/** Namespaces that the API server keeps. */
const KEPT = ["default", "kube-system", "kube-public"];

/** Runs `delete`. */
export function deleteObjects(session: Session): void {
  const { args } = session;
  const grace = gracePeriod(session);
  dryRunOf(session);
  checkCascade(session);
  const selection = select(session, { words: args.names, all: args.isSet("all"), fetch: false });
  const output = args.text("output");
  if (output !== undefined && output !== "" && output !== "name") {
    throw mistake(`unexpected -o output mode: ${output}. We only support '-o name'`);
  }
  if (grace === 0 && args.isSet("force")) session.complain(FORCED);
  else if (grace > 0 && args.isSet("force")) {
    throw mistake("--force and --grace-period greater than 0 cannot be specified together");
  }
  deleteItems(session, selection.items, selection.failures);
}

function checkCascade({ args }: Session): void {
  const cascade = args.text("cascade") ?? "background";
  if (["background", "foreground", "orphan", "true", "false"].includes(cascade)) return;
  throw mistake(
    `invalid cascade value (${cascade}). Must be "background", "foreground", or "orphan"`,
  );
}

function gracePeriod({ args }: Session): number {
  const given = args.number("grace-period") ?? -1;
  if (args.isSet("now")) {
    if (given !== -1) throw mistake("--now and --grace-period cannot be specified together");
    return 1;
  }
  if (given === 0 && !args.isSet("force")) return 1;
  return args.isSet("force") && given < 0 ? 0 : given;
}

function deleteItems(
  session: Session,
  items: readonly Item[],
  unread: readonly CommandFailure[],
): void {
  const { args } = session;
  const isSelecting = args.isSet("all") || args.has("selector") || args.has("field-selector");
  const isLenient = args.has("ignore-not-found") ? args.isSet("ignore-not-found") : isSelecting;
  const failures: CommandFailure[] = [...unread];
  const isScoped = args.has("namespace") && !args.isSet("all-namespaces");
  if (isScoped && items.some((item) => !item.info.namespaced)) session.complain(CLUSTER_SCOPED);
  // What goes takes its time: until then, what it owns is there to be deleted by name.
  const leaving = new Map<string, Item>();
  for (const item of items) {
    const key = `${item.kind}/${item.namespace}/${item.name}`;
    try {
      deleteOne(session, item, leaving.has(key));
      leaving.set(key, item);
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      if (!(isLenient && error.reason === "NotFound")) failures.push(error);
    }
  }
  for (const item of [...leaving.values()].reverse()) remove(session, item);
  session.settle(failures);
  if (items.length === 0) session.print("No resources found");
}

function remove(session: Session, { kind, name, namespace }: Item): void {
  if (dryRunOf(session) !== "none") return;
  const orphan = ["orphan", "false"].includes(session.args.text("cascade") ?? "");
  session.backend.delete(kind, namespace, name, { orphan });
}

/** Asks for one deletion, and tells it. */

function deleteOne(session: Session, item: Item, isGone: boolean): void {
  const { info, kind, manifest, name, namespace } = item;
  if (dryRunOf(session) !== "client") {
    sourced("deleting", manifest?.source, () => {
      session.warnOf(kind);
      // The server looks for the object alone, whether or not there is such a namespace.
      const place = info.namespaced ? namespace : "";
      if (isGone || session.backend.get(kind, place, name) === undefined) {
        throw notFound(info, name);
      }
      if (kind === "Namespace" && KEPT.includes(name)) {
        const text = "this namespace may not be deleted";
        throw serverError("Forbidden", `namespaces "${name}" is forbidden: ${text}`);
      }
    });
  }
  if (session.args.text("output") === "name") {
    session.print(`${kindPrefix(kind)}/${name}`);
    return;
  }
  const how = gracePeriod(session) === 0 ? "force deleted" : "deleted";
  const from = info.namespaced ? ` from ${namespace} namespace` : "";
  session.print(`${kindPrefix(kind)} "${name}" ${how}${from}${dryRunEnding(session)}`);
}
