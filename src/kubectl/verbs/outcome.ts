/**
 * What a verb prints when it is done with an object: a line, or the object in the form of `-o`; and
 * what `--dry-run` makes of it.
 *
 * Follows: kubectl v0.35 pkg/cmd/util/helpers.go `GetDryRunStrategy`; cli-runtime v0.35
 * pkg/printers/name.go.
 */
import type { Kind, KubeObject } from "../../objects/index.js";
import { mistake } from "../command/failure.js";
import {
  nameOf,
  printObjects,
  printTyped,
  printUntyped,
  readOwnFormat,
} from "../output/formats.js";
import type { Session } from "../session.js";
import { kindPrefix } from "../tables/tables.js";

/** Where a dry run stops: nowhere, before the server, at the server's store. */
export type DryRun = "none" | "client" | "server";

/** Reads `--dry-run`. Errors: `CommandFailure` for a value that there is not. */
export function dryRunOf({ args }: Session): DryRun {
  const value = args.text("dry-run");
  if (value === undefined || value === "none" || value === "false") return "none";
  if (value === "server" || value === "client") return value;
  if (value === "unchanged" || value === "true") return "client";
  throw mistake(`Invalid dry-run value (${value}). Must be "none", "server", or "client".`);
}

/** Checks the flags that every changing verb reads before it does anything. */
export function checkOutcomeFlags(session: Session): void {
  dryRunOf(session);
  readOwnFormat(session);
}

const CHANGE_CAUSE = "kubernetes.io/change-cause";

/**
 * With `--record`, keeps the command in the annotations of what it changes.
 *
 * Follows: cli-runtime v0.35 pkg/genericclioptions/record_flags.go `parseCommandArguments`.
 */
export function recorded<T extends Readonly<Record<string, unknown>>>(
  session: Session,
  json: T,
): T {
  const { args } = session;
  if (!args.isSet("record")) return json;
  const metadata = json.metadata as Readonly<Record<string, unknown>> | undefined;
  const cause = { [CHANGE_CAUSE]: `kubectl ${args.verb} ${args.line}` };
  const annotations = { ...(metadata?.annotations as object | undefined), ...cause };
  return { ...json, metadata: { ...metadata, annotations } };
}

/** ` (dry run)`, ` (server dry run)` or nothing. */
export function dryRunEnding(session: Session): string {
  const dry = dryRunOf(session);
  if (dry === "none") return "";
  return dry === "server" ? " (server dry run)" : " (dry run)";
}

/** Prints that something was done with an object, or the object in the form of `-o`. */
export function printDone(session: Session, object: KubeObject, done: string): void {
  const format = readOwnFormat(session);
  if (format !== undefined) {
    printObjects(format, [object], { alone: true, write: (text) => (session.out += text) });
    return;
  }
  printLine(session, object.kind as Kind, object.metadata.name, done);
}

/** The same for a manifest as it was read: nothing is added to it. */
export function printRead(session: Session, json: object, done: string): void {
  printJson(session, json, done, printUntyped);
}

/** The same for an object that a client made: JSON keeps the order of its fields. */
export function printMade(session: Session, json: object, done: string): void {
  printJson(session, json, done, printTyped);
}

function printJson(session: Session, json: object, done: string, print: typeof printTyped): void {
  const made = json as Readonly<Record<string, unknown>>;
  const format = readOwnFormat(session);
  if (format !== undefined) session.out += print(format, made);
  else printLine(session, made.kind as Kind, nameOf(made), done);
}

function printLine(session: Session, kind: Kind, name: string, done: string): void {
  session.print(`${kindPrefix(kind)}/${name} ${done}${dryRunEnding(session)}`);
}
