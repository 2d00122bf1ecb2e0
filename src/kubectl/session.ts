/**
 * One call of kubectl: what was typed, what it may read, and what it has written so far. Verbs get a
 * session and write to it; between a verb and the backend stands what the API server does: strict
 * decoding, defaults, checks.
 */
import {
  checkLoaded,
  checkUpdate,
  infoOf,
  type Kind,
  type KubeObject,
  readObject,
} from "../objects/index.js";
import type { KubectlBackend } from "./backend.js";
import {
  alreadyExists,
  invalidObject,
  mistake,
  notFound,
  refusal,
  serverError,
} from "./command/failure.js";
import type { Arguments } from "./command/flags.js";
import type { Resource } from "./command/resources.js";

/** What a call may read besides the cluster. */
export interface CallInput {
  /** Standard input, for `-f -`. */
  readonly stdin?: string;
  /** Files by the path that is typed. */
  readonly files?: Readonly<Record<string, string>>;
  /** The namespace of the context. Default: `default`. */
  readonly namespace?: string;
}

/** What a verb works with. */
export class Session {
  readonly args: Arguments;
  readonly backend: KubectlBackend;
  readonly input: CallInput;
  /** Standard output so far. */
  out = "";
  /** Standard error so far. */
  err = "";
  exit = 0;

  constructor(args: Arguments, backend: KubectlBackend, input: CallInput) {
    this.args = args;
    this.backend = backend;
    this.input = input;
  }

  /** The namespace that the call is about. */
  get namespace(): string {
    return this.args.text("namespace") ?? this.input.namespace ?? "default";
  }

  print(line: string): void {
    this.out += `${line}\n`;
  }

  complain(line: string): void {
    this.err += `${line}\n`;
  }

  /** Finds an object by name; one that is not there ends the command. */
  find(resource: Resource, name: string, namespace = this.namespace): KubeObject {
    const object = this.backend.get(resource.kind, namespace, name);
    if (object === undefined) throw notFound(resource.info, name);
    return object;
  }

  /** Creates an object from JSON, as the API server does. Returns it as it is stored. */
  create(json: unknown, source?: string): KubeObject {
    const object = admit(json, source);
    const info = infoOf(object.apiVersion, object.kind);
    if (info === undefined) throw mistake(`no kind ${object.kind}`);
    const { name, namespace = "" } = object.metadata;
    const kind = object.kind as Kind;
    if (this.backend.get(kind, namespace, name) !== undefined) throw alreadyExists(info, name);
    if (info.namespaced && this.backend.get("Namespace", "", namespace) === undefined) {
      throw serverError("NotFound", `namespaces "${namespace}" not found`);
    }
    try {
      this.backend.create(object);
    } catch (error) {
      throw refusal(error, info, name);
    }
    return this.backend.get(kind, namespace, name) ?? object;
  }

  /** Replaces an object by JSON, as the API server does. Returns it as it is stored. */
  update(json: unknown, source?: string): KubeObject {
    const object = admit(json, source);
    const info = infoOf(object.apiVersion, object.kind);
    if (info === undefined) throw mistake(`no kind ${object.kind}`);
    const { name, namespace = "" } = object.metadata;
    const before = this.backend.get(object.kind as Kind, namespace, name);
    const refused = before === undefined ? [] : checkUpdate(before, object);
    if (refused.length > 0) throw invalidObject(object.kind, name, refused);
    try {
      this.backend.update(object);
    } catch (error) {
      throw refusal(error, info, name);
    }
    return this.backend.get(object.kind as Kind, namespace, name) ?? object;
  }
}

/** Decodes, defaults and checks; what is wrong ends the command in the server's words. */
export function admit(json: unknown, source?: string): KubeObject {
  const read = readObject(json);
  const where = source === undefined ? "" : `error when creating "${source}": `;
  if (read.kind !== "object") throw mistake("the object is of no kind that is known");
  const { object, faults } = read;
  const version = object.apiVersion.split("/").at(-1);
  const what = `${object.kind} in version "${version}" cannot be handled as a ${object.kind}`;
  const wrong = faults.find((f) => f.code !== "unknown-field");
  if (wrong !== undefined) {
    throw serverError("BadRequest", `${where}${what}: json: ${wrong.message}`);
  }
  if (faults.length > 0) {
    const fields = faults.map((f) => f.message).join(", ");
    throw serverError("BadRequest", `${where}${what}: strict decoding error: ${fields}`);
  }
  const refused = checkLoaded(object);
  if (refused.length > 0) throw invalidObject(object.kind, object.metadata.name, refused);
  return object;
}
