/**
 * `kubectl get`.
 *
 * Follows: kubectl v0.35 pkg/cmd/get/get.go.
 */
import type { Kind, KubeObject } from "../../objects/index.js";
import { CommandFailure, mistake, notModelled } from "../command/failure.js";
import { flags } from "../command/flags.js";
import type { Resource } from "../command/resources.js";
import { type Item, type Selection, select } from "../command/selection.js";
import { type Format, jsonOf, printObjects, readFormat } from "../output/formats.js";
import { sortBy } from "../output/sort-by.js";
import type { Session } from "../session.js";
import { printTable, type TableOptions } from "../tables/tables.js";

/** The flags of `get`. */
export const GET_FLAGS = flags(
  "o:output= A:all-namespaces l:selector= L:label-columns* show-labels no-headers show-kind w:watch watch-only f:filename* k:kustomize= R:recursive ignore-not-found field-selector= sort-by= chunk-size# raw= subresource= template= allow-missing-template-keys=[true] server-print=[true] output-watch-events show-managed-fields",
);

const NOTHING =
  'You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.\n\nerror: Required resource not specified.\nUse "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).\nSee \'kubectl get -h\' for help and examples';

/** Runs `get`. */
export function get(session: Session): void {
  const { args } = session;
  if (args.text("raw")) {
    if (args.names.length > 0) throw mistake("arguments may not be passed when --raw is specified");
    throw notModelled("flag --raw");
  }
  if (args.names.length === 0 && args.list("filename").length === 0) {
    throw new CommandFailure(NOTHING);
  }
  const output = args.text("output");
  if (args.isSet("show-labels") && (output ?? "wide") !== "wide" && output !== "") {
    throw mistake(`--show-labels option cannot be used with ${output} printer`);
  }
  const selection = select(session, { words: args.names, bareKinds: true });
  const failures = args.isSet("ignore-not-found")
    ? selection.failures.filter((f) => f.reason !== "NotFound")
    : selection.failures;
  const name = (output ?? "").split("=")[0] as string;
  if (name === "" || name === "wide") printTables(session, { ...selection, failures });
  else printWhole(session, { ...selection, failures });
}

function printWhole(session: Session, { failures, items, single }: Selection): void {
  const { args } = session;
  if (single) session.settle(failures);
  if (items.length === 0 && args.isSet("ignore-not-found")) {
    session.settle(failures);
    return;
  }
  const format = readFormat(session, args.text("output"));
  const found = items.map((item) => item.object as KubeObject);
  const expression = args.text("sort-by");
  const objects = expression === undefined || single ? found : sortBy(expression, found, jsonOf);
  const alone = single && items.length === 1;
  printInto(session, format, { objects, alone, failures });
}

/** What cannot be printed is told with what could not be found. */
function printInto(
  session: Session,
  format: Format,
  what: {
    readonly objects: readonly KubeObject[];
    readonly alone: boolean;
    readonly failures: readonly CommandFailure[];
  },
): void {
  const { alone, failures, objects } = what;
  try {
    printObjects(format, objects, { alone, write: (text) => (session.out += text) });
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    session.settle([...failures, error]);
  }
  session.settle(failures);
}

function printTables(session: Session, selection: Selection): void {
  const { failures, items, listed } = selection;
  const { args, backend } = session;
  const groups = groupByKind(sorted(session, selection));
  // A kind that was listed counts even where there are no objects of it.
  const kinds = new Set([...listed, ...items].map(({ kind }) => kind));
  const withKind = kinds.size > 1 || args.isSet("show-kind");
  const options: TableOptions = {
    now: backend.now(),
    wide: args.text("output") === "wide",
    showLabels: args.isSet("show-labels"),
    noHeaders: args.isSet("no-headers"),
    labelColumns: args.list("label-columns").flatMap((c) => c.split(",")),
    withKind,
  };
  // Upstream's printers share the flag: once a table has the column, the next ones have it too.
  let withNamespace = false;
  const tables = groups.map(({ kind, info, objects }) => {
    withNamespace ||= args.isSet("all-namespaces") && info.namespaced;
    return printTable(kind, objects, { ...options, withNamespace });
  });
  session.out += tables.join(options.noHeaders ? "" : "\n");
  if (groups.length === 0 && failures.length === 0 && !args.isSet("ignore-not-found")) {
    session.complain(nothingFound(session, listed));
  }
  session.settle(failures);
}

interface Group extends Pick<Item, "info"> {
  readonly kind: Kind;
  readonly objects: KubeObject[];
}

/** Neighbours of one kind make one table. */
function groupByKind(items: readonly Item[]): readonly Group[] {
  const groups: Group[] = [];
  for (const { info, kind, object } of items) {
    if (groups.at(-1)?.kind !== kind) groups.push({ kind, info, objects: [] });
    groups.at(-1)?.objects.push(object as KubeObject);
  }
  return groups;
}

/**
 * One list is sorted row by row; where its rows have the field nowhere it is not shown, and nobody is
 * told. Of several tables, upstream looks for the field in the tables themselves.
 *
 * Follows: kubectl v0.35 pkg/cmd/get/get.go `RuntimeSorter.Sort`, sorter.go `SortingPrinter`.
 */
function sorted(session: Session, { items, listed, single }: Selection): readonly Item[] {
  const expression = session.args.text("sort-by");
  if (expression === undefined || single || items.length === 0) return items;
  const tables = listed.length > 0 ? listed.length : items.length;
  if (tables > 1) {
    sortBy(expression, [TABLE], (table) => table);
    return items;
  }
  if (items.length === 1) return items;
  try {
    return sortBy(expression, items, (item) => jsonOf(item.object as KubeObject));
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    return [];
  }
}

/** What the server's tables have in common, whatever they hold. */
const TABLE = { apiVersion: "meta.k8s.io/v1", kind: "Table", metadata: { resourceVersion: "" } };

/** `No resources found in default namespace.`, or in the cluster. */
export function nothingFound(session: Session, listed: readonly Resource[]): string {
  const isGlobal = listed.some(({ info }) => !info.namespaced);
  const everywhere = session.args.isSet("all-namespaces") || isGlobal;
  return `No resources found${everywhere ? "" : ` in ${session.namespace} namespace.`}`;
}
