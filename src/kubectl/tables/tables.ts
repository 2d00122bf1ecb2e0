/**
 * Tables as text: objects of one kind as `kubectl get` prints them.
 *
 * Follows: cli-runtime v0.35 pkg/printers/tableprinter.go.
 */
import { KINDS, type Kind, type KubeObject, type Labels } from "../../objects/index.js";
import { printLabels } from "./labels.js";
import { layOut, oneLine } from "./layout.js";
import { tableOf } from "./rows.js";

/** How a table is shown. */
export interface TableOptions {
  /** `-o wide`. */
  readonly wide?: boolean;
  /** `-A`: a column of namespaces. */
  readonly withNamespace?: boolean;
  /** `--show-labels`. */
  readonly showLabels?: boolean;
  /** `--no-headers`. */
  readonly noHeaders?: boolean;
  /** Several kinds in one call: names as `kind.group/name`. */
  readonly withKind?: boolean;
  /** `-L`: labels with a column each. */
  readonly labelColumns?: readonly string[];
  /** The present, in seconds since 1970. */
  readonly now: number;
}

/**
 * Prints objects of one kind as a table.
 *
 * Shape: objects in the given order. The text ends in a line break.
 */
export function printTable(
  kind: Kind,
  objects: readonly KubeObject[],
  options: TableOptions,
): string {
  const { columns, rows } = tableOf(kind, objects, options.now);
  const shown = options.wide === true ? columns : columns.filter(({ priority }) => priority === 0);
  const header = headerRow(
    shown.map(({ name }) => name.toUpperCase()),
    options,
  );
  const isCut = columns.some(({ priority }) => priority === 1);
  const lines = rows.map((cells, i) => {
    const { metadata } = objects[i] as KubeObject;
    const [name = "", ...more] = (isCut ? cells.slice(0, shown.length) : cells).map(oneLine);
    const named = options.withKind === true ? `${kindPrefix(kind)}/${name}` : name;
    const row = [...front(metadata.namespace ?? "", options), named, ...more];
    return [...row, ...back(metadata.labels, options)].slice(0, header.length);
  });
  return layOut(options.noHeaders === true ? lines : [header, ...lines]);
}

function front(namespace: string, options: TableOptions): readonly string[] {
  return options.withNamespace === true ? [namespace] : [];
}

function back(labels: Labels | undefined, options: TableOptions): readonly string[] {
  const columns = (options.labelColumns ?? []).map((key) =>
    labels !== undefined && Object.hasOwn(labels, key) ? (labels[key] as string) : "",
  );
  return options.showLabels === true ? [...columns, printLabels(labels)] : columns;
}

function headerRow(headers: readonly string[], options: TableOptions): readonly string[] {
  const columns = (options.labelColumns ?? []).map((key) =>
    (key.split("/").at(-1) as string).toUpperCase(),
  );
  const labels = options.showLabels === true ? ["LABELS"] : [];
  return [...front("NAMESPACE", options), ...headers, ...columns, ...labels];
}

/** `pod`, `deployment.apps`, `networkpolicy.networking.k8s.io`. */
export function kindPrefix(kind: Kind): string {
  const { shape, singular } = KINDS[kind];
  const group = shape.apiVersion.includes("/") ? shape.apiVersion.split("/")[0] : "";
  return group === "" ? singular : `${singular}.${group}`;
}
