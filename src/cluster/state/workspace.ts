/**
 * A state being worked on: reads see the base and what was written since. Controllers read and write
 * here; the result is a list of changes, applied whole or not at all.
 */
import type { Fault } from "../../base/index.js";
import type { Kind, KubeObject, ObjectOf, Pod } from "../../objects/index.js";
import { AddressBook } from "./addresses.js";
import { type ClusterEvent, type EventText, eventOf } from "./events.js";
import { compareText } from "./identity.js";
import {
  type Change,
  type ClusterState,
  eachObject,
  findObject,
  keyOf,
  type ObjectKey,
} from "./state.js";

/** Told of every write, in order. */
export type WriteListener = (change: Change) => void;

type Written = Map<string, KubeObject | undefined>;

/** Base and overlay. */
export class Workspace {
  readonly base: ClusterState;
  /** Allocations as they stand. */
  readonly addresses: AddressBook;
  /** What was refused on the way; any of them undoes the whole. */
  readonly faults: Fault[] = [];
  /** What controllers said on the way. */
  readonly events: ClusterEvent[] = [];
  readonly #written = new Map<string, Written>();
  readonly #sorted = new Map<string, readonly KubeObject[]>();
  readonly #order: ObjectKey[] = [];
  readonly #listeners: WriteListener[] = [];
  #revision: number;

  constructor(base: ClusterState) {
    this.base = base;
    this.addresses = new AddressBook(base.addresses);
    this.#revision = base.revision;
  }

  /** Calls `listener` after every write from now on. */
  onWrite(listener: WriteListener): void {
    this.#listeners.push(listener);
  }

  /** Finds an object. */
  get<K extends Kind>(kind: K, namespace: string, name: string): ObjectOf<K> | undefined {
    const written = this.#written.get(shelf(kind, namespace));
    if (written?.has(name)) return written.get(name) as ObjectOf<K> | undefined;
    return findObject(this.base, kind, namespace, name);
  }

  /** All objects of a kind in a namespace ("" for cluster-scoped kinds), by name. */
  list<K extends Kind>(kind: K, namespace: string): readonly ObjectOf<K>[] {
    const key = shelf(kind, namespace);
    let sorted = this.#sorted.get(key);
    if (sorted === undefined) {
      sorted = this.#collect(kind, namespace, this.#written.get(key));
      this.#sorted.set(key, sorted);
    }
    return sorted as readonly ObjectOf<K>[];
  }

  #collect(kind: Kind, namespace: string, written: Written | undefined): readonly KubeObject[] {
    const found: KubeObject[] = [];
    for (const object of eachObject(this.base, kind, namespace)) {
      if (!written?.has(object.metadata.name)) found.push(object);
    }
    for (const object of written?.values() ?? []) if (object !== undefined) found.push(object);
    return found.sort((a, b) => compareText(a.metadata.name, b.metadata.name));
  }

  /** Names of all namespaces that exist, sorted. */
  namespaces(): readonly string[] {
    return this.list("Namespace", "").map((n) => n.metadata.name);
  }

  /** Says what was done with an object. */
  say(object: KubeObject, text: EventText): void {
    this.events.push(eventOf(object, text, this.base.time));
  }

  /** Writes an object. The caller gives it whole. */
  put(object: KubeObject): void {
    const key = keyOf(object);
    this.#write(key, object);
  }

  /** Removes an object, if it is there. */
  delete(key: ObjectKey): void {
    if (this.get(key.kind, key.namespace, key.name) !== undefined) this.#write(key, undefined);
  }

  /** A number that grows with every write: `resourceVersion`. */
  get revision(): number {
    return this.#revision;
  }

  #write(key: ObjectKey, after: KubeObject | undefined): void {
    const before = this.get(key.kind, key.namespace, key.name) as KubeObject | undefined;
    if (before === after) return;
    const name = shelf(key.kind, key.namespace);
    let written = this.#written.get(name);
    if (written === undefined) {
      written = new Map();
      this.#written.set(name, written);
    }
    if (!written.has(key.name)) this.#order.push(key);
    written.set(key.name, after);
    this.#keepSorted(name, before, after);
    this.#revision++;
    for (const listener of this.#listeners) listener({ key, before, after });
  }

  /** Lists that were asked for stay sorted: a write puts one name in its place. */
  #keepSorted(name: string, before: KubeObject | undefined, after: KubeObject | undefined): void {
    const sorted = this.#sorted.get(name);
    const object = after ?? before;
    if (sorted === undefined || object === undefined) return;
    const at = placeOf(sorted, object.metadata.name);
    const items = after === undefined ? [] : [after];
    this.#sorted.set(name, sorted.toSpliced(at, before === undefined ? 0 : 1, ...items));
  }

  /** Everything that differs from the base, in the order of first writing. */
  changes(): readonly Change[] {
    const changes: Change[] = [];
    for (const key of this.#order) {
      const before = findObject(this.base, key.kind, key.namespace, key.name) as
        | KubeObject
        | undefined;
      const after = this.#written.get(shelf(key.kind, key.namespace))?.get(key.name);
      if (before !== after) changes.push({ key, before, after });
    }
    return changes;
  }
}

/** Index of the first object whose name is not before `name`. */
function placeOf(sorted: readonly KubeObject[], name: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as KubeObject).metadata.name < name) low = middle + 1;
    else high = middle;
  }
  return low;
}

function shelf(kind: Kind, namespace: string): string {
  return `${kind}/${namespace}`;
}

/** The pods of a namespace that one controller owns. */
export function podsOwnedBy(workspace: Workspace, namespace: string, uid: string): readonly Pod[] {
  return workspace.list("Pod", namespace).filter((pod) => controllerUid(pod) === uid);
}

/** Uid of the controller of an object, if it has one. */
export function controllerUid(object: KubeObject): string | undefined {
  return object.metadata.ownerReferences?.find((o) => o.controller === true)?.uid;
}
