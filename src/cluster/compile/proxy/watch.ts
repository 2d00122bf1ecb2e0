/** The Services and slices that kube-proxy watches. */
import type { EndpointSlice, KubeObject, Service } from "../../../objects/index.js";
import { DEFAULT_RELEASE, type ProxyRelease, releaseFacts } from "../../../proxy/index.js";
import type { ClusterState, NamespaceShard } from "../../state/state.js";

/** The Services and slices that kube-proxy watches. */
export interface ProxyWatch {
  readonly services: readonly Service[];
  readonly endpointSlices: readonly EndpointSlice[];
}

/**
 * Gathers what kube-proxy watches, of one state after the other.
 *
 * Shape: a list is the same list as before if no map of objects behind it has changed.
 * Cost: one look at each namespace, and at the objects of those that changed.
 * Follows: Kubernetes v1.35.4 and v1.36.0 cmd/kube-proxy/app/server.go `Run`: its watch leaves out
 * headless Services' slices and what is labelled for another proxy.
 */
export class ServiceWatch {
  readonly #services: WatchedKind<Service>;
  readonly #slices: WatchedKind<EndpointSlice>;
  #watched: ProxyWatch | undefined;

  constructor(release: ProxyRelease = DEFAULT_RELEASE) {
    const { hiddenBy } = releaseFacts(release);
    this.#services = new WatchedKind("Service", hiddenBy.services);
    this.#slices = new WatchedKind("EndpointSlice", hiddenBy.endpointSlices);
  }

  /** What is watched of a state: the same object as before if that has not changed. */
  take({ namespaces }: Pick<ClusterState, "namespaces">): ProxyWatch {
    const shards = [...namespaces.values()];
    const services = this.#services.take(shards);
    const endpointSlices = this.#slices.take(shards);
    const old = this.#watched;
    if (old?.services === services && old.endpointSlices === endpointSlices) return old;
    this.#watched = { services, endpointSlices };
    return this.#watched;
  }
}

type Shelf = ReadonlyMap<string, KubeObject>;

/** The objects of one kind, remembered by the maps they stand in. */
class WatchedKind<T extends KubeObject> {
  readonly #kind: "Service" | "EndpointSlice";
  readonly #hiddenBy: readonly string[];
  #shelves: readonly Shelf[] = [];
  readonly #ofShelf = new WeakMap<Shelf, readonly T[]>();
  #all: readonly T[] = [];

  constructor(kind: "Service" | "EndpointSlice", hiddenBy: readonly string[]) {
    this.#kind = kind;
    this.#hiddenBy = hiddenBy;
  }

  take(shards: readonly NamespaceShard[]): readonly T[] {
    const shelves = shards.map((shard) => shard.kinds.get(this.#kind) ?? EMPTY);
    const isSame = shelves.length === this.#shelves.length;
    if (isSame && shelves.every((shelf, at) => shelf === this.#shelves[at])) return this.#all;
    this.#shelves = shelves;
    this.#all = ([] as T[]).concat(...shelves.map((shelf) => this.#watchedOn(shelf)));
    return this.#all;
  }

  #watchedOn(shelf: Shelf): readonly T[] {
    const known = this.#ofShelf.get(shelf);
    if (known !== undefined) return known;
    const found = [...shelf.values()].filter((object) => {
      const { labels } = object.metadata;
      return labels === undefined || !this.#hiddenBy.some((label) => Object.hasOwn(labels, label));
    }) as T[];
    this.#ofShelf.set(shelf, found);
    return found;
  }
}

const EMPTY: Shelf = new Map();
