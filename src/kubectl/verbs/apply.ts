/**
 * `kubectl apply`: create what is not there, merge into what is.
 *
 * Follows: kubectl v0.35 pkg/cmd/apply.
 */
import { infoOf, type Kind } from "../../objects/index.js";
import { mistake } from "../command/failure.js";
import { flags } from "../command/flags.js";
import { goJson, jsonOf, sortKeys } from "../output/formats.js";
import { mergeThree } from "../server/merge.js";
import { admit, type Session } from "../session.js";
import { kindPrefix } from "../tables/tables.js";
import { type ManifestItem, readManifests } from "./manifest-input.js";

/** The flags of `apply`. */
export const APPLY_FLAGS = flags(
  "f:filename* k:kustomize= R:recursive dry-run=[unchanged] o:output= server-side force-conflicts field-manager= prune l:selector= all validate=[strict] wait force overwrite",
);

const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

type Json = Readonly<Record<string, unknown>>;

/** Runs `apply`. */
export function apply(session: Session): void {
  const files = session.args.list("filename");
  if (files.length === 0) throw mistake("must specify one of -f and -k");
  for (const item of readManifests(session, files)) applyOne(session, item);
}

function applyOne(session: Session, { json, source }: ManifestItem): void {
  const info = infoOf(String(json.apiVersion), String(json.kind));
  const kind = json.kind as Kind;
  const metadata = json.metadata as { readonly name?: string; readonly namespace?: string };
  const name = metadata?.name ?? "";
  const namespace = info?.namespaced === true ? (metadata.namespace ?? "") : "";
  const wanted = annotate(json);
  const shown = `${kindPrefix(kind)}/${name}`;
  const current = session.backend.get(kind, namespace, name);
  const dry = session.args.has("dry-run") && session.args.text("dry-run") !== "none";
  const ending = dry
    ? ` (${session.args.text("dry-run") === "server" ? "server " : ""}dry run)`
    : "";
  if (current === undefined) {
    if (dry) admit(wanted, source);
    else session.create(wanted, source);
    session.print(`${shown} created${ending}`);
    return;
  }
  const before = jsonOf(current);
  const merged = keepServed(mergeThree(lastApplied(before), wanted, before) as Json, before);
  const after = jsonOf(admit(merged, source));
  if (same(after, before)) {
    session.print(`${shown} unchanged${ending}`);
    return;
  }
  if (!dry) session.update(merged, source);
  session.print(`${shown} configured${ending}`);
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

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(sortKeys(a)) === JSON.stringify(sortKeys(b));
}

/** Keeps what was applied in an annotation, for the next time. */
function annotate(json: Json): Json {
  const metadata = (json.metadata ?? {}) as Json;
  const { [LAST_APPLIED]: _, ...annotations } = (metadata.annotations ?? {}) as Json;
  const bare = { ...json, metadata: { ...metadata, annotations } };
  const text = `${goJson(sortKeys(bare))}\n`;
  return {
    ...json,
    metadata: { ...metadata, annotations: { ...annotations, [LAST_APPLIED]: text } },
  };
}

function lastApplied(current: Json): unknown {
  const annotations = (current.metadata as Json | undefined)?.annotations as Json | undefined;
  const text = annotations?.[LAST_APPLIED];
  if (typeof text !== "string") return {};
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
