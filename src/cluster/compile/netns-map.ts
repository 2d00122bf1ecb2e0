/**
 * All namespaces of a cluster by name, as one state has them. Most changes touch one pod of many:
 *
 *   nodes and other hosts ── one small map, made anew
 *   pods ─┬─ lists, one a node ── the same lists as before, but for one node's
 *         └─ shards by name ───── the same maps as before, but for the changed pods' own
 */
import type { NetnsConfig } from "../../netns/index.js";

type Pods = readonly NetnsConfig[];
type Shard = ReadonlyMap<string, NetnsConfig>;

const SHARD_COUNT = 256;

interface Parts {
  /** Nodes and other hosts. */
  readonly hosts: Shard;
  /** The pods of each node. */
  readonly lists: readonly Pods[];
  readonly shards: readonly Shard[];
}

const EMPTY: Shard = new Map();
const NOTHING: Parts = {
  hosts: EMPTY,
  lists: [],
  shards: Array.from({ length: SHARD_COUNT }, () => EMPTY),
};

/**
 * Configurations by name: nodes, other hosts, then the pods of each node.
 *
 * Shape: immutable; `next` makes the map of the state after, which shares what is alike.
 * Laws: the same as a `Map` of the same entries (test/property/cluster/netns-map.prop.test.ts).
 * Cost: `next` looks at the hosts, and at the pods of nodes whose list is another one.
 */
export class NetnsMap implements ReadonlyMap<string, NetnsConfig> {
  readonly size: number;
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.size = parts.lists.reduce((sum, list) => sum + list.length, parts.hosts.size);
  }

  /** A map without entries. */
  static empty(): NetnsMap {
    return new NetnsMap(NOTHING);
  }

  /** The map of another state: a list of pods that is the same object is not looked at. */
  next(hosts: readonly NetnsConfig[], lists: readonly Pods[]): NetnsMap {
    const shards = changeShards(this.#parts, lists);
    return new NetnsMap({ hosts: new Map(hosts.map((host) => [host.name, host])), lists, shards });
  }

  get(name: string): NetnsConfig | undefined {
    const { hosts, shards } = this.#parts;
    return hosts.get(name) ?? shards[shardOf(name)]?.get(name);
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  *values(): MapIterator<NetnsConfig> {
    const { hosts, lists } = this.#parts;
    yield* hosts.values();
    for (const list of lists) yield* list;
  }

  *keys(): MapIterator<string> {
    for (const { name } of this.values()) yield name;
  }

  *entries(): MapIterator<[string, NetnsConfig]> {
    for (const config of this.values()) yield [config.name, config];
  }

  [Symbol.iterator](): MapIterator<[string, NetnsConfig]> {
    return this.entries();
  }

  forEach(tell: (config: NetnsConfig, name: string, map: NetnsMap) => void): void {
    for (const config of this.values()) tell(config, config.name, this);
  }
}

/** Pods by name, where only those in other lists than before can have changed. */
function changeShards({ lists: before, shards: old }: Parts, lists: readonly Pods[]): Shard[] {
  const [kept, known] = [new Set(lists), new Set(before)];
  const changes = new Map<string, NetnsConfig | undefined>();
  for (const list of before) {
    if (!kept.has(list)) for (const { name } of list) changes.set(name, undefined);
  }
  for (const list of lists) {
    if (!known.has(list)) for (const config of list) changes.set(config.name, config);
  }
  const shards = [...old];
  const own = new Map<number, Map<string, NetnsConfig>>();
  for (const [name, config] of changes) {
    const at = shardOf(name);
    if (shards[at]?.get(name) === config) continue;
    const shard = own.get(at) ?? new Map(shards[at]);
    own.set(at, shard);
    shards[at] = shard;
    if (config === undefined) shard.delete(name);
    else shard.set(name, config);
  }
  return shards;
}

/** A number for a name. Names of many pods differ at their ends. */
function shardOf(name: string): number {
  let sum = name.length;
  for (let at = Math.max(0, name.length - 6); at < name.length; at++) {
    sum = Math.imul(sum, 31) + name.charCodeAt(at);
  }
  return (sum >>> 0) % SHARD_COUNT;
}
