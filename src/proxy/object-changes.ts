/** Which Services a change of objects touches, found by comparing objects by identity. */
import type { Family } from "../addr/index.js";
import { serviceOfSlice } from "./endpoints/endpoint.js";
import type { ReleaseFacts } from "./release.js";
import type { ProxyEndpointSlice, ProxyService } from "./services/object.js";

/** The two lists of objects. */
interface Objects {
  readonly services: readonly ProxyService[];
  readonly endpointSlices: readonly ProxyEndpointSlice[];
}

/** What changed under one name. */
export class ObjectChanges {
  #service: { readonly object: ProxyService | undefined } | undefined;
  readonly #gone = new Set<ProxyEndpointSlice>();
  readonly #come: ProxyEndpointSlice[] = [];

  /** The Service was there and is not the same object any more. */
  removeService(object: ProxyService): void {
    this.#service ??= { object: undefined };
    if (this.#service.object === object) this.#service = { object: undefined };
  }

  /** The Service is another object now. */
  addService(object: ProxyService): void {
    this.#service = { object };
  }

  /** A slice is gone. */
  removeSlice(slice: ProxyEndpointSlice): void {
    this.#gone.add(slice);
  }

  /** A slice is new. */
  addSlice(slice: ProxyEndpointSlice): void {
    this.#come.push(slice);
  }

  /** The objects after the change. */
  apply(
    object: ProxyService | undefined,
    slices: readonly ProxyEndpointSlice[],
  ): {
    readonly object: ProxyService | undefined;
    readonly slices: readonly ProxyEndpointSlice[];
  } {
    return {
      object: this.#service === undefined ? object : this.#service.object,
      slices: [...slices.filter((slice) => !this.#gone.has(slice)), ...this.#come],
    };
  }
}

/**
 * The Services whose objects are not the same objects, with what changed of each.
 *
 * Cost: lists of one length are compared place by place, others as sets.
 */
export function affectedServices(
  before: Objects,
  after: Objects,
  { family, facts }: { readonly family: Family; readonly facts: ReleaseFacts },
): ReadonlyMap<string, ObjectChanges> {
  const affected = new Map<string, ObjectChanges>();
  const changesOf = (service: string): ObjectChanges => {
    const known = affected.get(service);
    if (known !== undefined) return known;
    const made = new ObjectChanges();
    affected.set(service, made);
    return made;
  };
  const services = differences(before.services, after.services);
  for (const gone of services.gone) changesOf(nameOf(gone)).removeService(gone);
  for (const come of services.come) changesOf(nameOf(come)).addService(come);
  const slices = differences(before.endpointSlices, after.endpointSlices);
  for (const gone of slices.gone) {
    const service = serviceOfSlice(gone, family, facts);
    if (service !== undefined) changesOf(service).removeSlice(gone);
  }
  for (const come of slices.come) {
    const service = serviceOfSlice(come, family, facts);
    if (service !== undefined) changesOf(service).addSlice(come);
  }
  return affected;
}

function nameOf({ metadata }: ProxyService): string {
  return `${metadata?.namespace ?? ""}/${metadata?.name ?? ""}`;
}

function differences<T>(
  before: readonly T[],
  after: readonly T[],
): { readonly gone: readonly T[]; readonly come: readonly T[] } {
  if (before === after) return { gone: [], come: [] };
  if (before.length === after.length) {
    const places = before.flatMap((object, i) => (object === after[i] ? [] : [i]));
    // Many differing places mean that the list was put in another order.
    if (places.length <= before.length / 4) {
      return { gone: places.map((i) => before[i] as T), come: places.map((i) => after[i] as T) };
    }
  }
  const had = new Set(before);
  const has = new Set(after);
  return { gone: before.filter((o) => !has.has(o)), come: after.filter((o) => !had.has(o)) };
}
