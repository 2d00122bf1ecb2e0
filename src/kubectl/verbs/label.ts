/**
 * `kubectl label` and `kubectl annotate`.
 *
 * Follows: kubectl v0.35 pkg/cmd/label/label.go, pkg/cmd/annotate/annotate.go.
 */
import type { Kind, KubeObject } from "../../objects/index.js";
import { mistake, notFound } from "../command/failure.js";
import { flags } from "../command/flags.js";
import { readTargets, type Target } from "../command/resources.js";
import { readSelector } from "../command/selector.js";
import { jsonOf } from "../output/formats.js";
import type { Session } from "../session.js";
import { kindPrefix } from "../tables/tables.js";

/** The flags of `label` and `annotate`. */
export const LABEL_FLAGS = flags(
  "overwrite l:selector= all A:all-namespaces list local dry-run=[unchanged] o:output= resource-version= field-manager= f:filename* field-selector=",
);

/** What the two verbs call their matter. */
interface Words {
  readonly field: "labels" | "annotations";
  readonly noun: string;
  readonly set: string;
  readonly removed: string;
  readonly same: string;
}

const LABEL: Words = {
  field: "labels",
  noun: "label",
  set: "labeled",
  removed: "unlabeled",
  same: "not labeled",
};

const ANNOTATE: Words = {
  field: "annotations",
  noun: "annotation",
  set: "annotated",
  removed: "annotated",
  same: "annotated",
};

/** Runs `label`. */
export function label(session: Session): void {
  change(session, LABEL);
}

/** Runs `annotate`. */
export function annotate(session: Session): void {
  change(session, ANNOTATE);
}

function change(session: Session, words: Words): void {
  const { args } = session;
  const isChange = (word: string) => word.includes("=") || word.endsWith("-");
  const changes = args.names.filter(isChange);
  const targets = readTargets(args.names.filter((word) => !isChange(word)));
  if (changes.length === 0 && !args.isSet("list")) {
    throw mistake(`at least one ${words.noun} update is required`);
  }
  const objects = targets.flatMap((target) => objectsOf(session, target));
  for (const object of objects) changeOne(session, object, changes, words);
}

function objectsOf(session: Session, target: Target): readonly KubeObject[] {
  const { args, backend } = session;
  if (target.name !== undefined) {
    const object = backend.get(target.kind, session.namespace, target.name);
    if (object === undefined) throw notFound(target.info, target.name);
    return [object];
  }
  if (!args.isSet("all") && !args.has("selector")) {
    throw mistake("resource(s) were provided, but no name was specified");
  }
  const matches = readSelector(args.text("selector"));
  const namespace = args.isSet("all-namespaces") ? undefined : session.namespace;
  return backend.list(target.kind, namespace).filter((o) => matches(o.metadata.labels));
}

function changeOne(
  session: Session,
  object: KubeObject,
  changes: readonly string[],
  words: Words,
): void {
  const before = object.metadata[words.field] ?? {};
  const after: Record<string, string> = { ...before };
  let removed = 0;
  for (const change of changes) {
    const at = change.indexOf("=");
    if (at < 0) {
      const key = change.slice(0, -1);
      if (Object.hasOwn(after, key)) removed++;
      else session.print(`${words.noun} "${key}" not found.`);
      delete after[key];
      continue;
    }
    const [key, value] = [change.slice(0, at), change.slice(at + 1)];
    const old = before[key];
    if (old !== undefined && old !== value && !session.args.isSet("overwrite")) {
      throw mistake(`'${key}' already has a value (${old}), and --overwrite is false`);
    }
    after[key] = value;
  }
  const changed = JSON.stringify(after) !== JSON.stringify(before);
  if (changed) {
    const json = jsonOf(object);
    const metadata = { ...(json.metadata as object), [words.field]: after };
    session.update({ ...json, metadata });
  }
  const onlyRemoved = removed > 0 && changes.every((c) => !c.includes("="));
  const done = onlyRemoved ? words.removed : words.set;
  session.print(
    `${kindPrefix(object.kind as Kind)}/${object.metadata.name} ${changed ? done : words.same}`,
  );
}
