/** The forms of `-o`: which there are, and objects printed in them. */
import { KINDS, type Kind, type KubeObject, toJson } from "../../objects/index.js";
import { mistake } from "../command/failure.js";
import { compareText } from "../tables/labels.js";
import { layOut } from "../tables/layout.js";
import { kindPrefix } from "../tables/tables.js";
import { evaluate, fillTemplate } from "./jsonpath.js";
import { printYaml } from "./yaml-text.js";

/** What kubectl accepts, in the order in which it tells. */
const KNOWN =
  "custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,name,template,templatefile,wide,yaml";

/** Forms that print whole objects, instead of a table. */
const WHOLE = ["json", "yaml", "name", "jsonpath", "jsonpath-as-json", "custom-columns"];

/** A form, and its template where it has one. */
export interface Format {
  readonly name: string;
  readonly template: string;
}

/** Reads the value of `-o`. */
export function readFormat(text: string | undefined): Format {
  if (text === undefined) return { name: "", template: "" };
  const at = text.indexOf("=");
  const name = at < 0 ? text : text.slice(0, at);
  const template = at < 0 ? "" : text.slice(at + 1);
  if (name === "" || name === "wide" || WHOLE.includes(name)) return { name, template };
  if (KNOWN.split(",").includes(name)) throw mistake(`output format ${name} is not modelled`);
  throw mistake(
    `unable to match a printer suitable for the output format "${text}", allowed formats are: ${KNOWN}`,
  );
}

/** Whether a form prints tables. */
export function isTable({ name }: Format): boolean {
  return name === "" || name === "wide";
}

/** The JSON of an object as the API server answers with it. */
export function jsonOf(object: KubeObject): Record<string, unknown> {
  return toJson(KINDS[object.kind as Kind].shape, object);
}

/** Prints objects in a form; one object stands alone, several in a list. */
export function printObjects(
  format: Format,
  objects: readonly KubeObject[],
  alone: boolean,
): string {
  if (format.name === "name") {
    return objects.map((o) => `${kindPrefix(o.kind as Kind)}/${o.metadata.name}\n`).join("");
  }
  const items = objects.map(jsonOf);
  if (format.name === "custom-columns") return customColumns(format.template, items);
  const value = alone && items.length === 1 ? items[0] : listOf(items);
  switch (format.name) {
    case "json":
      return `${goJson(sortKeys(value), 4)}\n`;
    case "yaml":
      return printYaml(value);
    case "jsonpath-as-json":
      return `${JSON.stringify(evaluate(format.template.slice(1, -1), { root: value, current: value }), null, 4)}\n`;
    default:
      return fillTemplate(relaxed(format.template), value);
  }
}

function listOf(items: readonly unknown[]): Record<string, unknown> {
  return { apiVersion: "v1", items, kind: "List", metadata: { resourceVersion: "" } };
}

/** Keys sorted at every level, as Go prints maps. */
export function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => compareText(a, b));
  return Object.fromEntries(entries.map(([k, v]) => [k, sortKeys(v)]));
}

/** JSON as Go writes it: what means something to HTML is escaped. */
export function goJson(value: unknown, indent?: number): string {
  const escaped = (c: string) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value, null, indent).replace(/[<>&\u2028\u2029]/g, escaped);
}

/** A path without braces or leading dot is allowed at the command line. */
function relaxed(template: string): string {
  if (template === "" || template.includes("{")) return template;
  return `{${template.startsWith(".") ? template : `.${template}`}}`;
}

function customColumns(template: string, items: readonly unknown[]): string {
  if (template === "") throw mistake("custom-columns format specified but no custom columns given");
  const columns = template.split(",").map((column) => {
    const at = column.indexOf(":");
    if (at < 0) {
      throw mistake(
        `unexpected custom-columns spec: ${column}, expected <header>:<json-path-expr>`,
      );
    }
    return { header: column.slice(0, at), path: column.slice(at + 1).replace(/^\{|\}$/g, "") };
  });
  const rows = items.map((item) =>
    columns.map(({ path }) => {
      const found = evaluate(path, { root: item, current: item });
      if (found.length === 0) return "<none>";
      return found.map((v) => (typeof v === "object" ? goText(v) : String(v))).join(",");
    }),
  );
  return layOut([columns.map((c) => c.header), ...rows]);
}

/** A collection as Go's `%v` shows it. */
function goText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goText).join(" ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  const entries = Object.entries(value).sort(([a], [b]) => compareText(a, b));
  return `map[${entries.map(([k, v]) => `${k}:${goText(v)}`).join(" ")}]`;
}
