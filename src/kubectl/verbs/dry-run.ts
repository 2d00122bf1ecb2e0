/**
 * `--dry-run`: what would be made, as the client made it (no defaults) or as the server would store
 * it.
 *
 * Follows: kubectl v0.35 pkg/cmd/util `GetDryRunStrategy`.
 */
import { type Kind, type KubeObject, readObject } from "../../objects/index.js";
import { printObjects, readFormat } from "../output/formats.js";
import { admit, type Session } from "../session.js";
import { kindPrefix } from "../tables/tables.js";

/** Whether nothing is to be changed. */
export function isDryRun({ args }: Session): boolean {
  return args.has("dry-run") && args.text("dry-run") !== "none";
}

/** ` (dry run)` or ` (server dry run)`. */
export function dryRunEnding({ args }: Session): string {
  return args.text("dry-run") === "server" ? " (server dry run)" : " (dry run)";
}

/** Prints an object that is not created; `done` is the verb's word for it. */
export function preview(session: Session, json: unknown, done: string): void {
  const object = session.args.text("dry-run") === "server" ? admit(json) : asTyped(session, json);
  const text = session.args.text("output");
  if (text !== undefined) {
    session.out += printObjects(readFormat(text), [object], true);
    return;
  }
  const name = `${kindPrefix(object.kind as Kind)}/${object.metadata.name}`;
  session.print(`${name} ${done}${dryRunEnding(session)}`);
}

/** The object as the client made it; its namespace shows only where one was typed. */
function asTyped(session: Session, json: unknown): KubeObject {
  const read = readObject(json, { defaults: false });
  if (read.kind !== "object") return admit(json);
  if (session.args.has("namespace")) return read.object;
  const { namespace: _, ...metadata } = read.object.metadata;
  return { ...read.object, metadata } as KubeObject;
}
