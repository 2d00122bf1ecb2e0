/**
 * What `-f` names: standard input or files, as documents with their objects, refused as kubectl
 * refuses them before it asks the server.
 *
 * Follows: cli-runtime v0.35 pkg/resource/visitor.go `StreamVisitor`, mapper.go.
 */
import {
  infoOf,
  KINDS,
  type Kind,
  type Labels,
  readDocuments,
  readObject,
} from "../../objects/index.js";
import { CommandFailure, mistake, notModelled, serverError } from "../command/failure.js";
import { isOtherKind } from "../command/other-resources.js";
import type { Session } from "../session.js";
import { checkYaml } from "./yaml-check.js";

type Json = Readonly<Record<string, unknown>>;

/** One object of a manifest, as JSON, and how kubectl names its source. */
export interface ManifestItem {
  readonly json: Json;
  readonly source: string;
  readonly kind: Kind;
  readonly name: string;
  /** "" for what belongs to no namespace. */
  readonly namespace: string;
  readonly labels: Labels | undefined;
}

/** Every object that files hold, and what could not be read. */
export interface Manifests {
  readonly manifests: readonly ManifestItem[];
  readonly failures: readonly CommandFailure[];
}

/** Reads every object that the paths name; `-` is standard input. */
export function readManifests(session: Session, paths: readonly string[]): Manifests {
  const manifests: ManifestItem[] = [];
  const failures: CommandFailure[] = [];
  const texts = paths.map((path) => ({
    source: path === "-" ? "STDIN" : path,
    text: attempt(failures, () => textOf(session, path)),
  }));
  const missing = failures.splice(0);
  if (missing.length > 0) throw joined(missing);
  for (const { source, text } of texts) {
    attempt(failures, () => readFile(session, source, text ?? "", { manifests, failures }));
  }
  return { manifests, failures };
}

function joined(failures: readonly CommandFailure[]): CommandFailure {
  if (failures.length === 1) return failures[0] as CommandFailure;
  return new CommandFailure(failures.map((f) => f.among).join("\n"));
}

function attempt<T>(failures: CommandFailure[], run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    failures.push(error);
    return undefined;
  }
}

function textOf(session: Session, path: string): string {
  if (path === "-") return session.input.stdin ?? "";
  const { files = {} } = session.input;
  if (Object.hasOwn(files, path)) return files[path] as string;
  throw mistake(`the path "${path}" does not exist`);
}

/** Lists are taken apart; a document of no known kind is left out, a malformed one ends the file. */
function readFile(
  session: Session,
  source: string,
  text: string,
  into: { readonly manifests: ManifestItem[]; readonly failures: CommandFailure[] },
): void {
  for (const value of documentsOf(text, source)) {
    for (const json of itemsOf(checkHead(value, source))) {
      attempt(into.failures, () => {
        const head = checkHead(json, source);
        checkMetadata(head, source);
        into.manifests.push(itemOf(session, checkKind(head, source), source));
      });
    }
  }
}

/** The values of a text's documents, one after the other; those before a wrong one are read. */
function* documentsOf(text: string, source: string): Generator<unknown> {
  const isJson = /^\s*\{/.test(text);
  if (isJson && isCutJson(text)) throw mistake(`error parsing ${source}: unexpected EOF`);
  for (const part of isJson ? [text] : splitDocuments(text, source)) yield* valuesOf(part, source);
}

const NOT_JSON = "error converting YAML to JSON";

function valuesOf(part: string, source: string): readonly unknown[] {
  const check = checkYaml(part);
  if (check.kind === "refused") {
    throw mistake(`error parsing ${source}: ${NOT_JSON}: ${check.message}`);
  }
  const { documents, faults } = readDocuments(part.slice(0, check.end), { doubledKeys: true });
  const fault = faults.find(({ code }) => code !== "duplicate-key");
  if (fault !== undefined) {
    throw mistake(`error parsing ${source}: ${NOT_JSON}: yaml: ${fault.message}`);
  }
  return documents.map(({ value }) => value);
}

/**
 * Cuts a text at the lines `---`. A first one belongs to the document that it begins.
 *
 * Follows: apimachinery v0.35 pkg/util/yaml/decoder.go `YAMLReader`.
 */
function* splitDocuments(text: string, source: string): Generator<string> {
  let part = "";
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  for (const line of lines) {
    const rest = line.startsWith("---") ? line.slice(3).trim() : undefined;
    if (rest !== undefined && rest !== "" && !rest.startsWith("#")) {
      throw mistake(`error parsing ${source}: invalid Yaml document separator: ${rest}`);
    }
    if (rest === undefined || part === "") part += `${line}\n`;
    else {
      yield part;
      part = "";
    }
  }
  yield part;
}

/** Whether a text that begins as JSON ends before it is whole. */
function isCutJson(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch (error) {
    return error instanceof SyntaxError && /end of JSON input/.test(error.message);
  }
}

function itemsOf(json: Json): readonly unknown[] {
  const { items, kind } = json;
  return typeof kind === "string" && kind.endsWith("List") && Array.isArray(items) ? items : [json];
}

/** A document must be an object that says its version and kind. */
function checkHead(json: unknown, source: string): Json {
  const hint = "if you choose to ignore these errors, turn validation off with --validate=false";
  const refuse = (what: string) =>
    mistake(`error validating "${source}": error validating data: ${what}; ${hint}`);
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw refuse("invalid object to validate");
  }
  const { apiVersion, kind } = json as Json;
  const unset = [
    ...(apiVersion === undefined ? ["apiVersion not set"] : []),
    ...(kind === undefined ? ["kind not set"] : []),
  ];
  if (unset.length === 0) return json as Json;
  throw refuse(unset.length === 1 ? (unset[0] as string) : `[${unset.join(", ")}]`);
}

/**
 * Metadata of a wrong form is refused before anything is asked of the server.
 *
 * Follows: cli-runtime v0.35 pkg/resource/metadata_decoder.go.
 */
function checkMetadata(json: Json, source: string): void {
  const read = readObject(json, { defaults: false });
  if (read.kind !== "object") return;
  const wrong = read.faults.find(
    ({ code, path }) => code === "wrong-type" && /^metadata\b/.test(path),
  );
  if (wrong === undefined) return;
  // Of custom resources the server reads the metadata alone, kubectl the whole object.
  const message = wrong.message
    .replace(/Go value of type|struct field \w+\.metadata of/, (found) =>
      found.startsWith("Go value")
        ? "Go struct field $.metadata of type"
        : "struct field $.metadata of",
    )
    .replace(/struct field ObjectMeta\.(?!metadata)/, "struct field ObjectMeta.metadata.");
  throw mistake(
    `unable to decode ${JSON.stringify(source)}: ${message.replace("$", "metadataOnlyObject")}`,
  );
}

function checkKind(json: Json, source: string): Json {
  const { apiVersion, kind, metadata } = json;
  if (infoOf(String(apiVersion), String(kind)) !== undefined) return json;
  const right = rightSpelling(String(apiVersion), String(kind));
  if (right !== undefined) {
    throw serverError(
      "BadRequest",
      `error when creating "${source}": ${kind} in version "${apiVersion}" cannot be handled as a ${right}: no kind "${kind}" is registered for version "${apiVersion}" in scheme "pkg/runtime/scheme.go:111"`,
    );
  }
  if (isOtherKind(String(kind))) throw notModelled(`kind ${kind}`);
  const { name = "", namespace = "" } = (metadata ?? {}) as Record<string, string>;
  throw mistake(
    `resource mapping not found for name: "${name}" namespace: "${namespace}" from "${source}": no matches for kind "${kind}" in version "${apiVersion}"\nensure CRDs are installed first`,
  );
}

/** The kind that was meant where only its capitals are wrong. */
function rightSpelling(apiVersion: string, kind: string): Kind | undefined {
  const kinds = Object.keys(KINDS) as Kind[];
  return kinds.find(
    (k) => k.toLowerCase() === kind.toLowerCase() && KINDS[k].shape.apiVersion === apiVersion,
  );
}

function itemOf(session: Session, json: Json, source: string): ManifestItem {
  const info = infoOf(String(json.apiVersion), String(json.kind));
  const kind = json.kind as Kind;
  const metadata = (json.metadata ?? {}) as Json;
  const { labels, name = "" } = metadata as { readonly labels?: Labels; readonly name?: string };
  if (info?.namespaced !== true) return { json, source, kind, name, namespace: "", labels };
  const namespace = namespaceOf(session, metadata.namespace);
  const placed = { ...json, metadata: { ...metadata, namespace } };
  return { json: placed, source, kind, name, namespace, labels };
}

function namespaceOf(session: Session, written: unknown): string {
  const wanted = session.args.text("namespace");
  if (typeof written !== "string" || written === "") return session.namespace;
  if (wanted === undefined || wanted === written) return written;
  throw mistake(
    `the namespace from the provided object "${written}" does not match the namespace "${wanted}". You must pass '--namespace=${written}' to perform this operation.`,
  );
}
