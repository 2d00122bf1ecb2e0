/**
 * The annotation in which `apply` and `--save-config` keep what was asked for, for the next merge.
 *
 * Follows: kubectl v0.35 pkg/util/apply.go.
 */
import { goJson } from "../output/go-value.js";

/** Key of the annotation. */
export const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

type Json = Readonly<Record<string, unknown>>;

/** Keeps a manifest in its own annotations, which are never left out. */
export function keepApplied(json: Json): Json {
  const annotations = otherAnnotations(json);
  const metadata = { ...(json.metadata as Json | undefined), annotations };
  return withText(json, annotations, { ...json, metadata });
}

/** The same for an object of a Go type, which leaves out what is empty. */
export function keepAppliedTyped(json: Json): Json {
  const annotations = otherAnnotations(json);
  const { annotations: _, ...metadata } = (json.metadata ?? {}) as Json;
  const kept = Object.keys(annotations).length === 0 ? metadata : { annotations, ...metadata };
  return withText(json, annotations, { ...json, metadata: kept });
}

function otherAnnotations(json: Json): Json {
  const { annotations = {} } = (json.metadata ?? {}) as { readonly annotations?: Json };
  const { [LAST_APPLIED]: _, ...others } = annotations ?? {};
  return others;
}

function withText(json: Json, annotations: Json, kept: Json): Json {
  const all = { ...annotations, [LAST_APPLIED]: `${goJson(kept)}\n` };
  return { ...json, metadata: { ...(json.metadata as Json | undefined), annotations: all } };
}

/** What was applied last, `{}` where nothing is known. */
export function lastApplied(json: Json): unknown {
  try {
    return JSON.parse(appliedText(json) ?? "{}");
  } catch {
    return {};
  }
}

/** The annotation of an object, where it has one. */
export function appliedText(json: Json): string | undefined {
  const annotations = (json.metadata as Json | undefined)?.annotations as Json | undefined;
  const text = annotations?.[LAST_APPLIED];
  return typeof text === "string" ? text : undefined;
}
