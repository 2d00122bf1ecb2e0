/**
 * The elements of kube-proxy's sets and maps over time. Two Services may claim one key (the same
 * external address and port): then the later in order of names has it, whatever was there before.
 */
import type { NftProxyElement } from "./object.js";
import { printVerdict } from "./rule.js";

/** All elements, by container and key. */
export interface ElementState {
  readonly byId: ReadonlyMap<string, NftProxyElement>;
  /** Two Services claim one key, so the next change is worked out from all Services. */
  readonly contested: boolean;
}

/** What a change does to the elements. */
export interface ElementChange {
  readonly state: ElementState;
  readonly removed: readonly NftProxyElement[];
}

/** The elements of one Service before and after a change. */
export interface ServiceElements {
  readonly before: readonly NftProxyElement[];
  readonly after: readonly NftProxyElement[];
}

/** No elements. */
export const NO_ELEMENTS: ElementState = { byId: new Map(), contested: false };

/** Containers in the order kube-proxy tidies them. */
const CONTAINERS = [
  "cluster-ips",
  "service-ips",
  "firewall-ips",
  "no-endpoint-services",
  "no-endpoint-nodeports",
  "service-nodeports",
  "hairpin-connections",
];

/** What names an element. */
export function elementId({ container, key }: NftProxyElement): string {
  return `${container} ${key}`;
}

/** Whether two elements with one name are the same to the kernel. */
export function equalElements(a: NftProxyElement, b: NftProxyElement): boolean {
  const value = (e: NftProxyElement) => (e.verdict === undefined ? "" : printVerdict(e.verdict));
  return a === b || value(a) === value(b);
}

/**
 * Works out the elements after a change.
 *
 * Shape: looks at changed Services only, unless keys are contested; `all` is asked for then.
 */
export function changeElements(
  state: ElementState,
  changed: readonly ServiceElements[],
  all: () => readonly NftProxyElement[],
): ElementChange {
  const quick = state.contested ? undefined : changeQuickly(state, changed);
  const next = quick ?? gatherElements(all(), state);
  const removed: NftProxyElement[] = [];
  const gone = (id: string, e: NftProxyElement) => {
    if (!next.byId.has(id)) removed.push(e);
  };
  if (quick === undefined) for (const [id, e] of state.byId) gone(id, e);
  else for (const { before } of changed) for (const e of before) gone(elementId(e), e);
  const unique = new Map(removed.map((e) => [elementId(e), e]));
  return { state: next, removed: [...unique.values()].sort(byPlace) };
}

function changeQuickly(
  { byId }: ElementState,
  changed: readonly ServiceElements[],
): ElementState | undefined {
  if (changed.every(keepsElements)) return { byId, contested: false };
  const next = new Map(byId);
  for (const { before } of changed) for (const e of before) next.delete(elementId(e));
  for (const { after } of changed) {
    for (const element of after) {
      const id = elementId(element);
      const other = next.get(id);
      if (other !== undefined && other.owner !== element.owner) return undefined;
      next.set(id, keepComment(byId.get(id), element));
    }
  }
  return { byId: next, contested: false };
}

/** Whether a Service's elements are the same before and after. */
function keepsElements({ before, after }: ServiceElements): boolean {
  if (before.length !== after.length) return false;
  return before.every((element, i) => {
    const other = after[i] as NftProxyElement;
    return elementId(element) === elementId(other) && equalElements(element, other);
  });
}

function gatherElements(elements: readonly NftProxyElement[], before: ElementState): ElementState {
  const byId = new Map<string, NftProxyElement>();
  let contested = false;
  for (const element of elements) {
    const id = elementId(element);
    const other = byId.get(id);
    contested ||= other !== undefined && other.owner !== element.owner;
    byId.set(id, keepComment(before.byId.get(id), element));
  }
  return { byId, contested };
}

/** Only values are compared, so an element that stays keeps the comment it was added with. */
function keepComment(old: NftProxyElement | undefined, element: NftProxyElement): NftProxyElement {
  if (old === undefined || old.comment === element.comment) return element;
  if (old.comment === undefined || !equalElements(old, element)) return element;
  return { ...element, comment: old.comment };
}

function byPlace(a: NftProxyElement, b: NftProxyElement): number {
  const place = CONTAINERS.indexOf(a.container) - CONTAINERS.indexOf(b.container);
  return place || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}
