/** Where the objects of a cluster were written. */
import type { Origin } from "../../base/index.js";
import { KINDS, type Kind, type KubeObject } from "../../objects/index.js";
import { type ClusterState, findObject, type ObjectKey, type Place } from "./state.js";

/** How many owners are asked at most: a pod of a Job of a CronJob has two. */
const OWNERS_MAX = 4;

/** Key of a place. */
export function placeKey({ kind, namespace, name }: ObjectKey): string {
  return `${kind}/${namespace}/${name}`;
}

/** The place of an origin's object, or of its nearest owner that has one. */
export function findPlace(state: ClusterState, origin: Origin): Place | undefined {
  let { kind, name = "" } = origin;
  for (let step = 0; step < OWNERS_MAX; step++) {
    if (!Object.hasOwn(KINDS, kind)) return undefined;
    const namespace = KINDS[kind as Kind].namespaced ? (origin.namespace ?? "default") : "";
    const place = state.places.get(placeKey({ kind: kind as Kind, namespace, name }));
    if (place !== undefined) return place;
    const object = findObject(state, kind as Kind, namespace, name) as KubeObject | undefined;
    const owner = object?.metadata.ownerReferences?.find((o) => o.controller === true);
    if (owner === undefined) return undefined;
    ({ kind, name } = owner);
  }
  return undefined;
}
