/**
 * `kubectl delete`.
 *
 * Follows: kubectl v0.35 pkg/cmd/delete/delete.go.
 */
import { infoOf, type Kind, type KubeObject } from "../../objects/index.js";
import { CommandFailure, mistake, resourceName, serverError } from "../command/failure.js";
import { flags } from "../command/flags.js";
import { readTargets, type Target } from "../command/resources.js";
import { readSelector } from "../command/selector.js";
import type { Session } from "../session.js";
import { kindPrefix } from "../tables/tables.js";
import { readManifests } from "./manifest-input.js";

/** The flags of `delete`. */
export const DELETE_FLAGS = flags(
  "f:filename* k:kustomize= R:recursive l:selector= all A:all-namespaces force grace-period= now wait=[true] timeout= cascade=[background] ignore-not-found=[true] o:output= dry-run=[unchanged] field-selector=",
);

const FORCED =
  "Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.";

/** Runs `delete`. */
export function deleteObjects(session: Session): void {
  const { args } = session;
  if (args.isSet("force") && args.text("grace-period") === "0") session.complain(FORCED);
  const files = args.list("filename");
  if (files.length > 0) {
    deleteFiles(session, files);
    return;
  }
  if (args.names.length === 0) {
    throw mistake(
      "You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'",
    );
  }
  for (const target of readTargets(args.names)) deleteTarget(session, target);
}

function deleteTarget(session: Session, target: Target): void {
  const { args, backend } = session;
  if (target.name !== undefined) {
    const object = backend.get(target.kind, session.namespace, target.name);
    if (object !== undefined) deleteOne(session, object);
    else if (!args.isSet("ignore-not-found")) {
      const text = `${resourceName(target.info)} "${target.name}" not found`;
      session.complain(`Error from server (NotFound): ${text}`);
      session.exit = 1;
    }
    return;
  }
  if (!args.has("selector") && !args.isSet("all")) {
    throw mistake("resource(s) were provided, but no name was specified");
  }
  const namespace = args.isSet("all-namespaces") ? undefined : session.namespace;
  const matches = readSelector(args.text("selector"));
  const objects = backend.list(target.kind, namespace).filter((o) => matches(o.metadata.labels));
  if (objects.length === 0) session.complain("No resources found");
  for (const object of objects) deleteOne(session, object);
}

function deleteOne(session: Session, object: KubeObject): void {
  const { args } = session;
  const { name, namespace } = object.metadata;
  const dry = args.has("dry-run") && args.text("dry-run") !== "none";
  if (!dry) session.backend.delete(object.kind as Kind, namespace ?? "", name);
  const shown = kindPrefix(object.kind as Kind);
  if (args.text("output") === "name") {
    session.print(`${shown}/${name}`);
    return;
  }
  const how =
    args.isSet("force") && args.text("grace-period") === "0" ? "force deleted" : "deleted";
  const from = namespace === undefined ? "" : ` from ${namespace} namespace`;
  session.print(`${shown} "${name}" ${how}${from}${dry ? " (dry run)" : ""}`);
}

function deleteFiles(session: Session, files: readonly string[]): void {
  const missing: string[] = [];
  for (const { json, source } of readManifests(session, files)) {
    const info = infoOf(String(json.apiVersion), String(json.kind));
    const { name = "", namespace = "" } = (json.metadata ?? {}) as Record<string, string>;
    const object = session.backend.get(json.kind as Kind, namespace, name);
    if (object !== undefined) deleteOne(session, object);
    else if (info !== undefined && !session.args.isSet("ignore-not-found")) {
      missing.push(`error when deleting "${source}": ${resourceName(info)} "${name}" not found`);
    }
  }
  if (missing.length === 0) return;
  const text = missing.map((m) => serverError("NotFound", m).message).join("\n");
  throw new CommandFailure(text);
}
