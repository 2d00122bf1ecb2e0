/**
 * What the controllers say they did: the events that `kubectl describe` shows. History, like the
 * count of changes; nothing is worked out from it.
 */
import type { Kind, KubeObject } from "../../objects/index.js";

/** One event, about one object. */
export interface ClusterEvent {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly reason: string;
  readonly message: string;
  /** The controller that says it. */
  readonly source: string;
  /** RFC 3339. */
  readonly time: string;
}

/** Most events that are kept; the oldest go first. A real cluster keeps those of one hour. */
const MAX_EVENTS = 1000;

/** What an event says. */
export interface EventText {
  readonly reason: string;
  readonly message: string;
  readonly source: string;
}

/** An event about an object. */
export function eventOf(object: KubeObject, text: EventText, time: string): ClusterEvent {
  const { name, namespace = "", uid = "" } = object.metadata;
  return { kind: object.kind as Kind, namespace, name, uid, ...text, time };
}

/** Adds new events to those that are kept. */
export function keepEvents(
  kept: readonly ClusterEvent[],
  added: readonly ClusterEvent[],
): readonly ClusterEvent[] {
  return added.length === 0 ? kept : [...kept, ...added].slice(-MAX_EVENTS);
}
