/**
 * One call of kubectl: what was typed, what it may read, and what it has written so far. Verbs get a
 * session and write to it; between a verb and the backend stands what the API server does: strict
 * decoding, defaults, checks.
 */

import type { Fault } from "../base/index.js";
import {
  checkLoaded,
  checkUpdate,
  infoOf,
  isFieldError,
  KINDS,
  type Kind,
  type KindInfo,
  type KubeObject,
  readObject,
  withGeneratedName,
} from "../objects/index.js";
import type { KubectlBackend } from "./backend.js";
import {
  alreadyExists,
  type CommandFailure,
  invalidObject,
  joinFailures,
  mistake,
  notFound,
  refusal,
  serverError,
} from "./command/failure.js";
import type { Arguments } from "./command/flags.js";
import type { Resource } from "./command/resources.js";
import { podDifference } from "./server/pod-difference.js";

/** What a call may read besides the cluster. */
export interface CallInput {
  /** Standard input, for `-f -`. */
  readonly stdin?: string;
  /** Files by the path that is typed. */
  readonly files?: Readonly<Record<string, string>>;
  /** The namespace of the context. Default: `default`. */
  readonly namespace?: string;
}

const ENDPOINTS_WARNING =
  "Warning: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice";

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
  #isWarned = false;

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

  /** What the API server warns of whenever Endpoints are asked for; told once. */
  warnOf(kind: string): void {
    if (kind !== "Endpoints" || this.#isWarned) return;
    this.#isWarned = true;
    this.complain(ENDPOINTS_WARNING);
  }

  /** Ends the command if there is anything to complain of. */
  settle(failures: readonly CommandFailure[]): void {
    const failure = joinFailures(failures);
    if (failure !== undefined) throw failure;
  }

  /** Finds an object by name; one that is not there ends the command. */
  find(resource: Resource, name: string, namespace = this.namespace): KubeObject {
    this.warnOf(resource.kind);
    const place = resource.info.namespaced ? namespace : "";
    const object = this.backend.get(resource.kind, place, name);
    if (object !== undefined) return object;
    const isElsewhere = place !== "" && place !== "default";
    if (isElsewhere && this.backend.get("Namespace", "", place) === undefined) {
      throw serverError("NotFound", `namespaces "${place}" not found`);
    }
    throw notFound(resource.info, name);
  }

  /** Creates an object from JSON, as the API server does. Returns it as it is stored. */
  create(json: unknown): KubeObject {
    const { info, object } = this.#admitNew(json);
    const { name, namespace = "" } = object.metadata;
    try {
      this.backend.create(object);
    } catch (error) {
      throw refusal(error, info, name);
    }
    return this.backend.get(object.kind as Kind, namespace, name) ?? object;
  }

  /** What creating an object would give; nothing is stored. */
  tryCreate(json: unknown): KubeObject {
    const { info, object } = this.#admitNew(json);
    try {
      return this.backend.preview(object);
    } catch (error) {
      throw refusal(error, info, object.metadata.name);
    }
  }

  #isTaken(json: unknown, name: string): boolean {
    const { kind, metadata } = json as KubeObject;
    return this.backend.get(kind, metadata.namespace ?? "", name) !== undefined;
  }

  #admitNew(json: unknown): { readonly info: KindInfo; readonly object: KubeObject } {
    const object = admit(withGeneratedName(json, (made) => this.#isTaken(json, made)));
    const info = infoOf(object.apiVersion, object.kind);
    if (info === undefined) throw mistake(`no kind ${object.kind}`);
    const { name, namespace = "" } = object.metadata;
    if (info.namespaced && this.backend.get("Namespace", "", namespace) === undefined) {
      throw serverError("NotFound", `namespaces "${namespace}" not found`);
    }
    const refused = checkLoaded(object);
    if (refused.length > 0) throw invalidObject(info, name, refused);
    if (this.backend.get(object.kind as Kind, namespace, name) !== undefined) {
      if (object.kind === "Service") this.#checkRoom(object, info);
      throw alreadyExists(info, name);
    }
    return { info, object };
  }

  /** Addresses and ports are given out before anybody looks whether the name is taken. */
  #checkRoom(object: KubeObject, info: KindInfo): void {
    const { name } = object.metadata;
    const other = { ...object, metadata: { ...object.metadata, name: `${name}-0` } } as KubeObject;
    try {
      this.backend.preview(other);
    } catch (error) {
      throw refusal(error, info, name);
    }
  }

  /** Replaces an object by JSON, as the API server does. Returns it as it is stored. */
  update(json: unknown): KubeObject {
    const { info, object } = this.#admitChange(json);
    const { name, namespace = "" } = object.metadata;
    try {
      this.backend.update(object);
    } catch (error) {
      throw refusal(error, info, name);
    }
    return this.backend.get(object.kind as Kind, namespace, name) ?? object;
  }

  /** What replacing an object would give; nothing is stored. */
  tryUpdate(json: unknown): KubeObject {
    return this.#admitChange(json).object;
  }

  #admitChange(json: unknown): { readonly info: KindInfo; readonly object: KubeObject } {
    const object = admit(json);
    const info = infoOf(object.apiVersion, object.kind);
    if (info === undefined) throw mistake(`no kind ${object.kind}`);
    const { name, namespace = "" } = object.metadata;
    const before = this.backend.get(object.kind as Kind, namespace, name);
    const refused = before === undefined ? checkLoaded(object) : withDifference(before, object);
    if (refused.length > 0) throw invalidObject(info, name, refused);
    return { info, object };
  }
}

/** What is wrong with a change; of a pod with the difference, as the server tells it. */
function withDifference(before: KubeObject, after: KubeObject): readonly Fault[] {
  const faults = checkUpdate(before, after);
  if (before.kind !== "Pod" || after.kind !== "Pod") return faults;
  return faults.map((fault) => {
    const { code, message, path } = fault;
    if (path !== "spec" || code !== "FieldValueForbidden") return fault;
    return { ...fault, message: `${message}\n${podDifference(before, after)}` };
  });
}

/** Decodes and defaults; a wrong form ends the command in the server's words. */
export function admit(json: unknown): KubeObject {
  const read = readObject(json);
  if (read.kind !== "object") throw mistake("the object is of no kind that is known");
  const { object, faults } = read;
  const version = object.apiVersion.split("/").at(-1);
  const what = `${object.kind} in version "${version}" cannot be handled as a ${object.kind}`;
  const wrong = faults.find((f) => f.code !== "unknown-field" && !isFieldError(f));
  if (wrong !== undefined) throw serverError("BadRequest", `${what}: ${wrong.message}`);
  if (faults.length === 0) return object;
  const unknown = faults.filter((f) => f.code === "unknown-field");
  if (unknown.length === 0) throw invalidObject(KINDS[object.kind], object.metadata.name, faults);
  const fields = unknown.map((f) => f.message).join(", ");
  throw serverError("BadRequest", `${what}: strict decoding error: ${fields}`);
}
