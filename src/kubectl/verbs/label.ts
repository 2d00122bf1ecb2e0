/**
 * `kubectl label` and `kubectl annotate`.
 *
 * Follows: kubectl v0.35 pkg/cmd/label/label.go, pkg/cmd/annotate/annotate.go.
 */
import { faultsOfLabelValue, type KubeObject } from "../../objects/index.js";
import { CommandFailure, conflict, mistake, notModelled } from "../command/failure.js";
import { flags } from "../command/flags.js";
import { type Changes, readChanges, splitPairs } from "../command/pairs.js";
import { type Item, select } from "../command/selection.js";
import { jsonOf } from "../output/formats.js";
import type { Session } from "../session.js";
import { dryRunOf, printDone, printRead } from "./outcome.js";

/** The flags of `label` and `annotate`. */
export const LABEL_FLAGS = flags(
  "overwrite l:selector= all A:all-namespaces list local dry-run=[unchanged] o:output= resource-version= field-manager= f:filename* k:kustomize= R:recursive field-selector= record template= allow-missing-template-keys=[true] show-managed-fields",
);

type Field = "labels" | "annotations";
type Texts = Readonly<Record<string, string>>;

/** Runs `label`. */
export function label(session: Session): void {
  const { resources, pairs } = splitPairs(session.args.names, "label");
  change(session, "labels", resources, readLabels(pairs));
}

/** Runs `annotate`. */
export function annotate(session: Session): void {
  const { resources, pairs } = splitPairs(session.args.names, "annotation");
  change(session, "annotations", resources, readChanges(pairs, "annotation", true));
}

function readLabels(pairs: readonly string[]): Changes {
  for (const pair of pairs) {
    if (pair.split("=").length > 2) throw mistake(`invalid label spec: ${pair}`);
    const faults = pair.includes("=") ? faultsOfLabelValue(pair.split("=")[1] as string) : [];
    if (faults.length > 0) {
      throw mistake(`invalid label value: ${JSON.stringify(pair)}: ${faults.join(";")}`);
    }
  }
  const changes = readChanges(pairs, "label", true);
  if (changes.removed.some((key) => changes.set.has(key))) {
    throw mistake("can not both modify and remove a label in the same command");
  }
  return changes;
}

function change(session: Session, field: Field, words: readonly string[], changes: Changes): void {
  const { args } = session;
  const noun = field.slice(0, -1);
  for (const flag of ["selector", "field-selector"]) {
    if (args.isSet("all") && args.has(flag)) {
      throw mistake(`cannot set --all and --${flag} at the same time`);
    }
  }
  if (args.isSet("local")) throw notModelled("flag --local");
  if (words.length === 0 && !args.has("filename")) {
    throw mistake(
      "one or more resources must be specified as <resource> <name> or <resource>/<name>",
    );
  }
  if (changes.set.size === 0 && changes.removed.length === 0 && !args.isSet("list")) {
    throw mistake(`at least one ${noun} update is required`);
  }
  checkBoth(field, changes);
  const selection = select(session, { words, bareKinds: args.isSet("all") });
  if (args.text("resource-version") && !selection.single) {
    throw mistake("--resource-version may only be used with a single resource");
  }
  const failures = [...selection.failures];
  for (const item of selection.items) {
    try {
      if (args.isSet("list")) list(session, item, field, selection.single);
      else changeOne(session, item.object as KubeObject, field, changes);
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      failures.push(error);
    }
  }
  session.settle(failures);
}

function checkBoth(field: Field, { removed, set }: Changes): void {
  const both = removed.filter((key) => set.has(key));
  if (field === "labels" || both.length === 0) return;
  throw mistake(
    `can not both modify and remove the following annotation(s) in the same command: ${both.join(", ")}`,
  );
}

/** Keys in their order; upstream's order is random. */
function list(session: Session, { object, info }: Item, field: Field, single: boolean): void {
  const texts = (object?.metadata[field] ?? {}) as Texts;
  const { shape } = info;
  const group = shape.apiVersion.includes("/") ? shape.apiVersion.split("/")[0] : "";
  if (!single) {
    session.print(`Listing ${field} for ${shape.objectKind}.${group}/${object?.metadata.name}:`);
  }
  for (const [key, value] of Object.entries(texts)) {
    session.print(`${single ? "" : " "}${key}=${value}`);
  }
}

function changeOne(
  session: Session,
  object: KubeObject,
  field: Field,
  { removed, set }: Changes,
): void {
  const { args } = session;
  const before = (object.metadata[field] ?? {}) as Texts;
  const dry = dryRunOf(session);
  if (field === "labels" && dry !== "client") {
    for (const key of removed) {
      if (!Object.hasOwn(before, key)) session.print(`label "${key}" not found.`);
    }
  }
  if (!args.isSet("overwrite")) checkOverwrites(field, before, set);
  const kept = Object.entries(before).filter(([key]) => !removed.includes(key));
  const after: Texts = Object.fromEntries([...kept, ...set]);
  const json = jsonOf(object);
  const changed = { ...json, metadata: { ...(json.metadata as object), [field]: after } };
  const done = field === "labels" ? wordFor(before, after, args.isSet("overwrite")) : "annotated";
  if (dry === "client") {
    printRead(session, changed, done);
    return;
  }
  const version = args.text("resource-version") || object.metadata.resourceVersion;
  if (version !== object.metadata.resourceVersion) throw conflict(object);
  const isChanged = dry === "none" && !isSame(before, after);
  const result = isChanged ? session.update(changed) : session.tryUpdate(changed);
  printDone(session, result, done);
}

function isSame(before: Texts, after: Texts): boolean {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].every((key) => before[key] === after[key]);
}

/** The word depends on whether the object's text has become shorter, as upstream has it. */
function wordFor(before: Texts, after: Texts, overwrite: boolean): string {
  if (isSame(before, after)) return "not labeled";
  const isShorter = JSON.stringify(after).length < JSON.stringify(before).length;
  return isShorter && !overwrite ? "unlabeled" : "labeled";
}

function checkOverwrites(field: Field, before: Texts, set: ReadonlyMap<string, string>): void {
  const taken = [...set].filter(
    ([key, value]) =>
      Object.hasOwn(before, key) && before[key] !== value && key !== "kubernetes.io/change-cause",
  );
  if (taken.length === 0) return;
  const texts = taken.map(([key]) => `'${key}' already has a value (${before[key]})`);
  if (field === "annotations") {
    throw mistake(
      `--overwrite is false but found the following declared annotation(s): ${texts.join("; ")}`,
    );
  }
  const lines = texts.map((text) => `${text}, and --overwrite is false`);
  if (lines.length === 1) throw mistake(lines[0] as string);
  throw new CommandFailure(lines.join("\n"));
}
