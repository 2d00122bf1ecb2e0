/**
 * Objects that a client makes of flags, `run`, `expose`, `create TYPE`: overridden, shown as a dry run
 * or created, and told.
 */
import { KINDS, type Kind, type KubeObject, readObject, toJson } from "../../objects/index.js";
import { mistake, notModelled } from "../command/failure.js";
import { keepAppliedTyped } from "../server/last-applied.js";
import { mergePatch } from "../server/merge.js";
import type { Session } from "../session.js";
import { dryRunOf, printMade } from "./outcome.js";

/** How an object is told. */
export interface Telling {
  /** The verb's word for what was done. */
  readonly done: string;
  /** Whether the text is handed back instead of printed. Default: printed. */
  readonly into?: "buffer";
  /** Whether `--save-config` is heard. Default: true. */
  readonly keeps?: boolean;
  /** Does the creating; by default the server's answer is told as it is. */
  readonly creating?: (create: () => KubeObject) => KubeObject;
}

type Json = Readonly<Record<string, unknown>>;

/** Creates an object, or shows it. Returns what was to be handed back. */
export function create(session: Session, json: Json, telling: Telling): string {
  const asked = overridden(session, json);
  const isKept = session.args.isSet("save-config") && telling.keeps !== false;
  const made = isKept ? keepAppliedTyped(typed(asked)) : asked;
  const shown = dryRunOf(session) === "client" ? typed(made) : stored(session, made, telling);
  const before = session.out;
  printMade(session, shown, telling.done);
  if (telling.into !== "buffer") return "";
  const text = session.out.slice(before.length);
  session.out = before;
  return text;
}

function stored(session: Session, made: Json, { creating }: Telling): Json {
  const metadata = made.metadata as Json;
  const isNamespaced = KINDS[made.kind as Kind].namespaced;
  const place = isNamespaced ? { namespace: session.namespace } : {};
  const json = { ...made, metadata: { ...metadata, ...place } };
  const run = () =>
    dryRunOf(session) === "server" ? session.tryCreate(json) : session.create(json);
  const object = creating === undefined ? run() : creating(run);
  return toJson(KINDS[object.kind as Kind].shape, object);
}

/** The JSON of a Go struct: what is never left out is there, with no defaults. */
function typed(json: Json): Json {
  const read = readObject(json, { defaults: false });
  if (read.kind !== "object") throw mistake("the object is of no kind that is known");
  return toJson(KINDS[read.object.kind as Kind].shape, read.object);
}

/** `--overrides`: a JSON merge patch over what was made. */
function overridden(session: Session, json: Json): Json {
  const { args } = session;
  const text = args.text("overrides") ?? "";
  if (text === "") return json;
  const type = args.text("override-type") ?? "merge";
  if (type !== "merge") throw notModelled(`override type ${type}`);
  let patch: unknown;
  try {
    patch = JSON.parse(text);
  } catch {
    throw mistake("Invalid JSON Patch");
  }
  const isObject = typeof patch === "object" && patch !== null && !Array.isArray(patch);
  if (!isObject) throw mistake("Invalid JSON Patch");
  const merged = mergePatch(json, patch) as Json;
  if (merged.kind === json.kind && merged.apiVersion === json.apiVersion) return merged;
  throw notModelled("an override of another kind");
}
