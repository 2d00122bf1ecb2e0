/**
 * What the built-in kubectl needs of a cluster: a small store, the time, and someone to run commands
 * in pods. `cluster-backend.ts` gives one over a `Cluster`.
 */
import type { Kind, KubeObject } from "../objects/index.js";
import type { ObjectEvent } from "./describe/events.js";

/** What a command in a pod said. */
export interface ExecResult {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command in a container of a pod. */
export interface ExecRequest {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string | undefined;
  readonly command: readonly string[];
}

/** A store of objects that are decoded, defaulted and checked already. */
export interface KubectlBackend {
  /** The present, in seconds since 1970. */
  now(): number;
  /** Finds an object. */
  get(kind: Kind, namespace: string, name: string): KubeObject | undefined;
  /** By namespace and name. Without a namespace: of all. */
  list(kind: Kind, namespace?: string): readonly KubeObject[];
  /** What storing a new object would give, before anything acts on it. Errors: as `create`. */
  preview(object: KubeObject): KubeObject;
  /** Stores a new object. Errors: `InputError` where the cluster refuses it. */
  create(object: KubeObject): void;
  /** Stores an object in place of the one of its name. Errors: `InputError`. */
  update(object: KubeObject): void;
  /** Removes an object; harmless when there is none. With `orphan`, what it owns stays. */
  delete(kind: Kind, namespace: string, name: string, how?: { readonly orphan: boolean }): void;
  /** What controllers said about an object, the oldest first. */
  eventsOf(object: KubeObject): readonly ObjectEvent[];
  /** Runs a command in a pod. */
  exec?(request: ExecRequest): ExecResult;
}
