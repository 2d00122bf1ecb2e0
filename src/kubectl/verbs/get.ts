/**
 * `kubectl get`.
 *
 * Follows: kubectl v0.35 pkg/cmd/get/get.go.
 */
import type { Kind, KubeObject } from "../../objects/index.js";
import { CommandFailure, mistake, resourceName } from "../command/failure.js";
import { flags } from "../command/flags.js";
import { readTargets, type Target } from "../command/resources.js";
import { readSelector } from "../command/selector.js";
import { type Format, isTable, printObjects, readFormat } from "../output/formats.js";
import type { Session } from "../session.js";
import { printTable } from "../tables/tables.js";
import { readManifests } from "./manifest-input.js";

/** The flags of `get`. */
export const GET_FLAGS = flags(
  "o:output= A:all-namespaces l:selector= L:label-columns* show-labels no-headers show-kind w:watch watch-only f:filename* R:recursive ignore-not-found field-selector= sort-by= chunk-size= raw= subresource= template= allow-missing-template-keys server-print=[true] output-watch-events",
);

const NOTHING =
  'You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.\n\nerror: Required resource not specified.\nUse "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).\nSee \'kubectl get -h\' for help and examples';

/** What was found, by the kind it was asked as. */
interface Found {
  readonly kind: Kind;
  readonly objects: KubeObject[];
}

/** Runs `get`. */
export function get(session: Session): void {
  const { args } = session;
  const files = args.list("filename");
  if (args.names.length === 0 && files.length === 0) throw new CommandFailure(NOTHING);
  const format = readFormat(args.text("output"));
  const targets = files.length > 0 ? fileTargets(session, files) : readTargets(args.names);
  if (args.isSet("all-namespaces") && targets.some((t) => t.name !== undefined)) {
    throw mistake("a resource cannot be retrieved by name across all namespaces");
  }
  if (targets.some((t) => t.kind === "Endpoints")) {
    session.complain(
      "Warning: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
    );
  }
  const missing: string[] = [];
  const found = collect(session, targets, missing);
  const alone = targets.length === 1 && targets[0]?.name !== undefined;
  if (isTable(format)) printTables(session, found, format, missing.length > 0);
  else if (missing.length === 0 || found.some((f) => f.objects.length > 0)) {
    session.out += printObjects(
      format,
      found.flatMap((f) => f.objects),
      alone,
    );
  }
  for (const text of missing) session.complain(text);
  if (missing.length > 0) session.exit = 1;
}

function fileTargets(session: Session, files: readonly string[]): readonly Target[] {
  return readManifests(session, files).flatMap(({ json }) => {
    const { name = "" } = (json.metadata ?? {}) as { readonly name?: string };
    return readTargets([`${String(json.kind).toLowerCase()}/${name}`]);
  });
}

function collect(
  session: Session,
  targets: readonly Target[],
  missing: string[],
): readonly Found[] {
  const { args, backend } = session;
  const found: Found[] = [];
  const matches = readSelector(args.text("selector"));
  const everywhere = args.isSet("all-namespaces");
  for (const target of targets) {
    let group = found.at(-1);
    if (group?.kind !== target.kind) {
      group = { kind: target.kind, objects: [] };
      found.push(group);
    }
    if (target.name === undefined) {
      const list = backend.list(target.kind, everywhere ? undefined : session.namespace);
      group.objects.push(...list.filter((o) => matches(o.metadata.labels) && inFields(session, o)));
      continue;
    }
    const object = backend.get(target.kind, session.namespace, target.name);
    if (object !== undefined) group.objects.push(object);
    else if (!args.isSet("ignore-not-found")) {
      const text = `${resourceName(target.info)} "${target.name}" not found`;
      missing.push(`Error from server (NotFound): ${text}`);
    }
  }
  return found;
}

/** `--field-selector` on the fields that every object has. */
function inFields(session: Session, object: KubeObject): boolean {
  const text = session.args.text("field-selector");
  if (text === undefined) return true;
  return text.split(",").every((part) => {
    const match = /^([^=!]+)(!=|==?)(.*)$/.exec(part);
    if (match === null) throw mistake(`invalid field selector: ${part}`);
    const value = fieldOf(object, match[1] as string);
    return (value === match[3]) === (match[2] !== "!=");
  });
}

function fieldOf(object: KubeObject, path: string): string {
  let value: unknown = object;
  for (const step of path.split("."))
    value = (value as Record<string, unknown> | undefined)?.[step];
  return value === undefined ? "" : String(value);
}

function printTables(
  session: Session,
  found: readonly Found[],
  format: Format,
  hasMissing: boolean,
): void {
  const { args, backend } = session;
  const shown = found.filter((f) => f.objects.length > 0);
  if (shown.length === 0) {
    if (hasMissing || args.isSet("ignore-not-found")) return;
    const isGlobal = found.every((f) => f.kind === "Node" || f.kind === "Namespace");
    const everywhere = args.isSet("all-namespaces") || isGlobal;
    session.complain(
      `No resources found${everywhere ? "" : ` in ${session.namespace} namespace.`}`,
    );
    return;
  }
  const options = {
    now: backend.now(),
    wide: format.name === "wide",
    withNamespace: args.isSet("all-namespaces"),
    showLabels: args.isSet("show-labels"),
    noHeaders: args.isSet("no-headers"),
    withKind: found.length > 1 || args.isSet("show-kind"),
    labelColumns: args.list("label-columns").flatMap((c) => c.split(",")),
  };
  const tables = shown.map(({ kind, objects }) => printTable(kind, objects, options));
  session.out += tables.join(options.noHeaders ? "" : "\n");
}
