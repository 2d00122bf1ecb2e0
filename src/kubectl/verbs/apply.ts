/**
 * `kubectl apply`: create what is not there, merge into what is.
 *
 * Follows: kubectl v0.35 pkg/cmd/apply.
 */
import type { KubeObject } from "../../objects/index.js";
import {
  CommandFailure,
  conflict,
  mistake,
  notModelled,
  sourced,
  usage,
} from "../command/failure.js";
import { flags } from "../command/flags.js";
import { resourceOf } from "../command/resources.js";
import { readSelector } from "../command/selector.js";
import { type ManifestItem, readManifests } from "../manifest/manifest-input.js";
import { jsonOf } from "../output/formats.js";
import { goJson } from "../output/go-value.js";
import { appliedText, keepApplied, LAST_APPLIED, lastApplied } from "../server/last-applied.js";
import { mergeThree } from "../server/merge.js";
import { createPatch } from "../server/patch.js";
import { checkPatched } from "../server/patch-refusal.js";
import type { Session } from "../session.js";
import { checkOutcomeFlags, dryRunOf, printDone, printRead } from "./outcome.js";

/** The flags of `apply`. */
export const APPLY_FLAGS = flags(
  "f:filename* k:kustomize= R:recursive dry-run=[unchanged] o:output= server-side force-conflicts field-manager= prune l:selector= all validate=[strict] wait force overwrite=[true] template= cascade=[background] grace-period= timeout= openapi-patch=[true] subresource= record show-managed-fields allow-missing-template-keys=[true]",
);

type Json = Readonly<Record<string, unknown>>;

/** Runs `apply`. */
export function apply(session: Session): void {
  const { args } = session;
  if (args.names.length > 0) throw usage("apply", `Unexpected args: [${args.names.join(" ")}]`);
  const files = args.list("filename");
  for (const flag of ["kustomize", "server-side", "prune", "subresource"]) {
    if (args.has(flag)) throw notModelled(`flag --${flag}`);
  }
  if (files.length === 0) throw mistake("must specify one of -f and -k");
  checkOutcomeFlags(session);
  const read = readManifests(session, files);
  const matches = readSelector(args.text("selector"));
  const items = read.manifests.filter(({ labels }) => matches(labels));
  if (items.length === 0 && read.failures.length === 0) {
    throw mistake("no objects passed to apply");
  }
  const failures = [...read.failures];
  for (const item of items) {
    try {
      applyOne(session, item);
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      failures.push(error);
    }
  }
  session.settle(failures);
}

function applyOne(session: Session, item: ManifestItem): void {
  const { json, kind, name, namespace, source } = item;
  if (name === "") throw namelessFailure(item);
  session.warnOf(kind);
  const wanted = keepApplied(json);
  const current = session.backend.get(kind, namespace, name);
  const dry = dryRunOf(session);
  if (current === undefined) {
    if (dry === "client") {
      printRead(session, wanted, "created");
      return;
    }
    const make = () => (dry === "server" ? session.tryCreate(wanted) : session.create(wanted));
    printDone(session, sourced("creating", source, make), "created");
    return;
  }
  if (dry === "client") {
    printDone(session, current, "configured");
    return;
  }
  merge(session, item, wanted, current);
}

function merge(session: Session, item: ManifestItem, wanted: Json, current: KubeObject): void {
  const before = jsonOf(current);
  if (appliedText(before) === undefined) {
    session.complain(
      `Warning: resource ${resourceOf(item.kind).info.resource}/${item.name} is missing the ${LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.`,
    );
  }
  const original = lastApplied(before);
  const patch = createPatch(item.kind, { original, modified: wanted, current: before });
  if (Object.keys(patch).length === 0) {
    printDone(session, current, "unchanged");
    return;
  }
  const merged = keepServed(mergeThree(original, wanted, before) as Json, before);
  const stored = patched(item, patch, () => {
    checkVersion(current, wanted);
    checkPatched(resourceOf(item.kind).info, merged, patch);
    return dryRunOf(session) === "server" ? session.tryUpdate(merged) : session.update(merged);
  });
  printDone(session, stored, "configured");
}

/** A manifest that names a version is for that version only. */
function checkVersion(current: KubeObject, wanted: Json): void {
  const { resourceVersion } = wanted.metadata as { readonly resourceVersion?: unknown };
  if ((resourceVersion ?? "") === "" || resourceVersion === current.metadata.resourceVersion)
    return;
  throw conflict(current);
}

/** Sends a patch; a refusal is told with the patch and what it was for. */
function patched(item: ManifestItem, patch: Json, send: () => KubeObject): KubeObject {
  const what = `applying patch:\n${goJson(patch)}\nto:\n${placeOf(item)}\nfor:`;
  return sourced(what, item.source, () => sourced("patching", item.source, send));
}

/** A manifest without a name; the words are those of a look-up that cannot be made. */
function namelessFailure(item: ManifestItem): CommandFailure {
  const { json, source } = item;
  const { generateName } = (json.metadata ?? {}) as { readonly generateName?: string };
  if (generateName) return mistake(`from ${generateName}: cannot use generate name with apply`);
  return mistake(
    `error when retrieving current configuration of:\n${placeOf(item)}\nfrom server for: "${source}": resource name may not be empty`,
  );
}

/** An object as kubectl names it in its longer messages. */
function placeOf({ kind, name, namespace }: ManifestItem): string {
  const { info } = resourceOf(kind);
  const { apiVersion } = info.shape;
  const version = apiVersion.includes("/") ? apiVersion : `/${apiVersion}`;
  return `Resource: "${version}, Resource=${info.resource}", GroupVersionKind: "${version}, Kind=${kind}"\nName: "${name}", Namespace: "${namespace}"`;
}

/** What only the server writes stays as it is, whatever a manifest says. */
function keepServed(merged: Json, current: Json): Json {
  const metadata: Record<string, unknown> = { ...(merged.metadata as Json) };
  const served = current.metadata as Json;
  for (const field of ["uid", "resourceVersion", "generation", "creationTimestamp"]) {
    if (served[field] === undefined) delete metadata[field];
    else metadata[field] = served[field];
  }
  delete metadata.managedFields;
  if (current.status === undefined) return { ...merged, metadata };
  return { ...merged, metadata, status: current.status };
}
