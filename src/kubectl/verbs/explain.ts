/**
 * `kubectl explain`: the fields of a kind from its declaration, laid out as kubectl lays them out. In
 * place of the server's descriptions it says what is made of each field here.
 *
 * Follows: kubectl v0.35 pkg/cmd/explain/explain.go, pkg/explain/v2/templates/plaintext.tmpl.
 */
import type { Kind, KindInfo } from "../../objects/index.js";
import { CommandFailure, mistake, notModelled } from "../command/failure.js";
import { flags } from "../command/flags.js";
import { otherResource } from "../command/other-resources.js";
import { findResource } from "../command/resources.js";
import type { Session } from "../session.js";
import { compareText } from "../tables/labels.js";
import { meaningOf, SENTENCES } from "./explain-meaning.js";

/** The flags of `explain`. */
export const EXPLAIN_FLAGS = flags("recursive api-version= o:output=");

const FORMATS = ["plaintext", "plaintext-openapiv2", ""];

/** Runs `explain`. */
export function explain(session: Session): void {
  const { args } = session;
  const [path, ...more] = args.names;
  if (path === undefined) {
    throw mistake(
      'You must specify the type of resource to explain. Use "kubectl api-resources" for a complete list of supported resources.',
    );
  }
  if (more.length > 0) throw mistake("We accept only this format: explain RESOURCE");
  const [name = "", ...steps] = path.split(".");
  const resource = findResource(name);
  if (resource === undefined && otherResource(name) !== undefined) {
    throw notModelled(`resource ${otherResource(name)}`);
  }
  if (resource === undefined) {
    throw new CommandFailure(`the server doesn't have a resource type "${name}"`);
  }
  const { info, kind } = resource;
  checkFlags(session, info);
  writeHead(session, info);
  const found = fieldAt(info.shape as unknown as Told, steps);
  if (found === undefined) throw mistake(`field "${steps.at(-1)}" does not exist`);
  writeField(session, kind, steps, found);
}

function checkFlags({ args }: Session, { resource, shape }: KindInfo): void {
  const format = args.text("output") ?? "";
  if (!FORMATS.includes(format)) throw mistake(`unrecognized format: ${format}`);
  const version = args.text("api-version") ?? "";
  if (version === "" || version === shape.apiVersion) return;
  const group = version.includes("/") ? version : `/${version}`;
  throw mistake(`couldn't find resource for "${group}, Resource=${resource}"`);
}

function writeHead(session: Session, { shape }: KindInfo): void {
  const [version, group] = shape.apiVersion.split("/").reverse();
  if (group !== undefined) session.print(`GROUP:      ${group}`);
  session.print(`KIND:       ${shape.objectKind}`);
  session.print(`VERSION:    ${version}\n`);
}

/** A declaration as far as it is told here. */
interface Told {
  readonly kind: string;
  readonly go: string;
  readonly fields?: Readonly<Record<string, { readonly shape: Told }>>;
  readonly item?: Told;
  readonly value?: Told;
  readonly oneOf?: readonly string[];
}

function writeField(session: Session, kind: Kind, steps: readonly string[], shape: Told): void {
  const path = steps.join(".");
  if (path !== "") {
    session.print(`FIELD: ${steps.at(-1)} <${typeOf(shape)}>`);
    const values = valuesOf(shape);
    if (values.length > 0) session.print(`ENUM:\n${values.map((v) => `    ${v}`).join("\n")}`);
    session.print("");
  }
  session.print(`DESCRIPTION:\n    ${SENTENCES[meaningOf(kind, path)]}\n    `);
  const fields = fieldsOf(shape);
  if (fields.length === 0) return;
  session.print("FIELDS:");
  writeFields(session, { kind, path, depth: 1 }, fields);
}

interface Place {
  readonly kind: Kind;
  readonly path: string;
  readonly depth: number;
}

/** Deepest level of `--recursive`. */
const MAX_DEPTH = 12;

function writeFields(session: Session, place: Place, fields: readonly Named[]): void {
  const isRecursive = session.args.isSet("recursive");
  const pad = "  ".repeat(place.depth);
  for (const [name, shape] of fields) {
    const path = place.path === "" ? name : `${place.path}.${name}`;
    session.print(`${pad}${name}\t<${typeOf(shape)}>`);
    const values = path === "apiVersion" || path === "kind" ? [] : valuesOf(shape);
    if (values.length > 0) session.print(`${pad}enum: ${values.join(", ")}`);
    if (!isRecursive) session.print(`${pad}  ${SENTENCES[meaningOf(place.kind, path)]}\n`);
    else if (place.depth < MAX_DEPTH) {
      writeFields(session, { ...place, path, depth: place.depth + 1 }, fieldsOf(shape));
    }
  }
}

/** The closed list of a field's values, sorted; none where it is open. */
function valuesOf({ oneOf = [] }: Told): readonly string[] {
  return oneOf.toSorted(compareText);
}

type Named = readonly [string, Told];

/** The fields of a shape, or of what a list or map of it holds, by name. */
function fieldsOf(shape: Told): readonly Named[] {
  const inner = innerOf(shape);
  return Object.entries(inner.fields ?? {})
    .map(([name, field]): Named => [name, field.shape])
    .sort(([a], [b]) => compareText(a, b));
}

function innerOf(shape: Told): Told {
  const below = shape.kind === "list" ? shape.item : shape.kind === "map" ? shape.value : undefined;
  return below === undefined ? shape : innerOf(below);
}

function fieldAt(shape: Told, steps: readonly string[]): Told | undefined {
  let at: Told | undefined = shape;
  for (const step of steps) {
    const { fields = {} }: Told = innerOf(at as Told);
    at = Object.hasOwn(fields, step) ? fields[step]?.shape : undefined;
    if (at === undefined) return undefined;
  }
  return at;
}

const TYPES: Readonly<Record<string, string>> = {
  string: "string",
  bool: "boolean",
  int: "integer",
  float: "number",
  time: "string",
  quantity: "Quantity",
  intOrString: "IntOrString",
  bytes: "string",
  any: "Object",
};

/** The type of a field as an API server's schema names it. */
function typeOf(shape: Told): string {
  if (shape.kind === "list") return `[]${typeOf(shape.item as Told)}`;
  if (shape.kind === "map") return `map[string]${typeOf(shape.value as Told)}`;
  return TYPES[shape.kind] ?? shape.go.replace(/^.*\./, "");
}
