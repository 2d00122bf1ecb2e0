/**
 * What `-f` names: standard input or files, as documents with their objects, refused as kubectl
 * refuses them before it asks the server.
 */
import { infoOf, readDocuments } from "../../objects/index.js";
import { CommandFailure, mistake } from "../command/failure.js";
import type { Session } from "../session.js";

/** One object of a manifest, as JSON, and how kubectl names its source. */
export interface ManifestItem {
  readonly json: Readonly<Record<string, unknown>>;
  readonly source: string;
}

/** Reads every object that the paths name; `-` is standard input. */
export function readManifests(session: Session, paths: readonly string[]): readonly ManifestItem[] {
  return paths.flatMap((path) => {
    const source = path === "-" ? "STDIN" : path;
    const items = readItems(textOf(session, path), source);
    if (items.length === 0) throw mistake("no objects passed to apply");
    return items.map((json) => ({ json: withNamespace(session, check(json, source)), source }));
  });
}

function textOf(session: Session, path: string): string {
  if (path === "-") return session.input.stdin ?? "";
  const { files = {} } = session.input;
  if (Object.hasOwn(files, path)) return files[path] as string;
  throw mistake(`the path "${path}" does not exist`);
}

function readItems(text: string, source: string): readonly unknown[] {
  const { documents, faults } = readDocuments(text);
  const [fault] = faults;
  if (fault !== undefined) {
    const reason = yamlReason(fault.message);
    // Go's reader counts lines from 0 where its parser stumbles, from 1 where its scanner does.
    const line = (fault.line ?? 1) - (reason.startsWith("did not find expected") ? 1 : 0);
    const where = line === 0 ? reason : `line ${line}: ${reason}`;
    throw mistake(`error parsing ${source}: error converting YAML to JSON: yaml: ${where}`);
  }
  return documents.flatMap(({ value }) => itemsOf(value));
}

function itemsOf(value: unknown): readonly unknown[] {
  if (typeof value !== "object" || value === null) return [value];
  const { kind, items } = value as { kind?: unknown; items?: unknown };
  return kind === "List" && Array.isArray(items) ? (items as unknown[]) : [value];
}

/** The reason as Go's YAML reader words the commonest mistakes. */
function yamlReason(message: string): string {
  if (/^Flow (sequence|map)/.test(message)) return "did not find expected node content";
  if (/Implicit (map )?keys/.test(message)) return "could not find expected ':'";
  if (/Tabs are not allowed|Plain value cannot start with/.test(message)) {
    return "found character that cannot start any token";
  }
  if (/Nested mappings are not allowed/.test(message)) {
    return "mapping values are not allowed in this context";
  }
  if (/All collection items must start/.test(message)) return "did not find expected key";
  return message;
}

function check(json: unknown, source: string): Readonly<Record<string, unknown>> {
  const { apiVersion, kind, metadata } = (json ?? {}) as Readonly<Record<string, unknown>>;
  const unset = [
    ...(apiVersion === undefined ? ["apiVersion not set"] : []),
    ...(kind === undefined ? ["kind not set"] : []),
  ];
  if (unset.length > 0) {
    const what = unset.length === 1 ? unset[0] : `[${unset.join(", ")}]`;
    const hint = "if you choose to ignore these errors, turn validation off with --validate=false";
    throw mistake(`error validating "${source}": error validating data: ${what}; ${hint}`);
  }
  if (infoOf(String(apiVersion), String(kind)) === undefined) {
    const { name = "", namespace = "" } = (metadata ?? {}) as Record<string, string>;
    throw new CommandFailure(
      `error: resource mapping not found for name: "${name}" namespace: "${namespace}" from "${source}": no matches for kind "${kind}" in version "${apiVersion}"\nensure CRDs are installed first`,
    );
  }
  return json as Readonly<Record<string, unknown>>;
}

function withNamespace(
  session: Session,
  json: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const info = infoOf(String(json.apiVersion), String(json.kind));
  const metadata = (json.metadata ?? {}) as Readonly<Record<string, unknown>>;
  if (info?.namespaced !== true) return json;
  const wanted = session.args.text("namespace");
  if (metadata.namespace !== undefined) {
    if (wanted === undefined || wanted === metadata.namespace) return json;
    throw mistake(
      `the namespace from the provided object "${metadata.namespace}" does not match the namespace "${wanted}". You must pass '--namespace=${metadata.namespace}' to perform this operation.`,
    );
  }
  return { ...json, metadata: { ...metadata, namespace: session.namespace } };
}
