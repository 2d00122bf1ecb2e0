/** The forms of `-o`: which there are, and objects printed in them. */
import { KINDS, type Kind, type KubeObject, toJson } from "../../objects/index.js";
import { mistake, notModelled } from "../command/failure.js";
import type { Session } from "../session.js";
import { kindPrefix } from "../tables/tables.js";
import { printCustomColumns, readColumns, readColumnsFile } from "./custom-columns.js";
import { goJson, goJsonInOrder } from "./go-value.js";
import { fillTemplate } from "./jsonpath.js";
import { parseTemplate } from "./jsonpath-parse.js";
import { printYaml } from "./yaml-text.js";

/** What `get` accepts, in the order in which it tells. */
const OF_GET =
  "custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,wide,yaml";

/** What other verbs accept. */
const OF_OTHERS =
  "go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,yaml";

const WITH_TEMPLATE = ["jsonpath", "jsonpath-file", "jsonpath-as-json"];
const NOT_MODELLED = ["go-template", "go-template-file", "template", "templatefile", "kyaml"];

/** A form, and its template where it has one. */
export interface Format {
  readonly name: "json" | "yaml" | "name" | "jsonpath" | "jsonpath-as-json" | "custom-columns";
  readonly template: string;
  readonly noHeaders: boolean;
  /** Whether a field that a template names must be there. */
  readonly strict: boolean;
}

/** Reads the value of `-o`. Errors: `CommandFailure` in kubectl's words. */
export function readFormat(session: Session, text: string | undefined, known = OF_GET): Format {
  const { args } = session;
  const value = text ?? "";
  const at = value.indexOf("=");
  const name = at < 0 ? value : value.slice(0, at);
  const template = at < 0 ? (args.text("template") ?? "") : value.slice(at + 1);
  const form = {
    template,
    noHeaders: args.isSet("no-headers"),
    strict: args.has("allow-missing-template-keys") && !args.isSet("allow-missing-template-keys"),
  };
  if (name === "json" || name === "yaml" || name === "name") {
    if (at < 0) return { ...form, name };
  } else if (WITH_TEMPLATE.includes(name)) return jsonpathFormat(session, name, form);
  else if (NOT_MODELLED.includes(name)) throw notModelled(`output format ${name}`);
  else if (name.startsWith("custom-columns") && known === OF_GET) {
    return columnsFormat(session, name, form);
  }
  throw mistake(
    `unable to match a printer suitable for the output format "${value}", allowed formats are: ${known}`,
  );
}

type Form = Omit<Format, "name">;

function jsonpathFormat(session: Session, name: string, form: Form): Format {
  if (form.template === "") throw mistake("template format specified but no template given");
  const template = name === "jsonpath-file" ? fileOf(session, form.template) : form.template;
  parseTemplate(template);
  return { ...form, template, name: name === "jsonpath-as-json" ? name : "jsonpath" };
}

function columnsFormat(session: Session, name: string, form: Form): Format {
  if (name === "custom-columns-file") {
    const spec = readColumnsFile(fileOf(session, form.template, "template"));
    return { ...form, name: "custom-columns", template: spec };
  }
  readColumns(form.template);
  return { ...form, name: "custom-columns" };
}

function fileOf({ input }: Session, path: string, what = "--template"): string {
  const { files = {} } = input;
  if (Object.hasOwn(files, path)) return files[path] as string;
  throw mistake(`error reading ${what} ${path}, open ${path}: no such file or directory`);
}

/** Reads `-o` of a verb that prints one object at a time; undefined where none was given. */
export function readOwnFormat(session: Session): Format | undefined {
  const text = session.args.text("output");
  return text === undefined || text === "" ? undefined : readFormat(session, text, OF_OTHERS);
}

/** Whether a form prints tables. */
export function isTable(name: string): boolean {
  return name === "" || name === "wide";
}

/** The JSON of an object as the API server answers with it. */
export function jsonOf(object: KubeObject): Record<string, unknown> {
  return toJson(KINDS[object.kind as Kind].shape, object);
}

/** Where printed objects go. */
export interface PrintTarget {
  /** Whether the object stands alone instead of in a list. */
  readonly alone: boolean;
  readonly write: (text: string) => void;
}

/** Prints objects in a form; one object stands alone, several in a list. */
export function printObjects(
  format: Format,
  objects: readonly KubeObject[],
  { alone, write }: PrintTarget,
): void {
  if (format.name === "name") {
    for (const o of objects) write(`${kindPrefix(o.kind as Kind)}/${o.metadata.name}\n`);
    return;
  }
  const items = objects.map(jsonOf);
  if (format.name === "custom-columns") {
    printCustomColumns(format.template, items, { noHeaders: format.noHeaders, write });
    return;
  }
  const value = alone && items.length === 1 ? items[0] : listOf(items);
  write(textOf(format, value));
}

/** Prints one object as it was read, keys sorted. */
export function printUntyped(format: Format, json: Readonly<Record<string, unknown>>): string {
  return format.name === "name" ? printTyped(format, json) : textOf(format, json);
}

/** Prints one object as a client made it: JSON in the order of its fields. */
export function printTyped(format: Format, json: Readonly<Record<string, unknown>>): string {
  if (format.name === "name") {
    return `${kindPrefix(json.kind as Kind)}/${nameOf(json)}\n`;
  }
  if (format.name !== "json") return textOf(format, json);
  const { apiVersion, kind, ...rest } = json;
  return `${goJsonInOrder({ kind, apiVersion, ...rest }, 4)}\n`;
}

/** The name of an object that nobody has checked yet. */
export function nameOf({ metadata }: Readonly<Record<string, unknown>>): string {
  const name =
    typeof metadata === "object" && metadata !== null && "name" in metadata ? metadata.name : "";
  return typeof name === "string" && name !== "" ? name : "<unknown>";
}

function textOf({ name, strict, template }: Format, value: unknown): string {
  if (name === "json") return `${goJson(value, 4)}\n`;
  if (name === "yaml") return printYaml(value);
  return fillTemplate(template, value, { asJson: name === "jsonpath-as-json", strict });
}

function listOf(items: readonly unknown[]): Record<string, unknown> {
  return { apiVersion: "v1", items, kind: "List", metadata: { resourceVersion: "" } };
}
