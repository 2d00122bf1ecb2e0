/**
 * Law: whatever states came before, a map of namespaces is the same as a `Map` of the same entries, and
 * the maps of states before stay as they were.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { NetnsMap } from "../../../src/cluster/compile/netns-map.js";
import type { NetnsConfig } from "../../../src/netns/index.js";

const seed = 20261125;
const NODES = 3;

interface Edit {
  readonly pod: number;
  /** The node that it is on; none: it is gone. */
  readonly node: number | undefined;
}

const anyEdits: fc.Arbitrary<Edit[]> = fc.array(
  fc.record({ pod: fc.nat(9), node: fc.option(fc.nat(NODES - 1), { nil: undefined }) }),
  { maxLength: 6 },
);

const config = (name: string) => ({ name }) as NetnsConfig;

interface State {
  readonly hosts: readonly NetnsConfig[];
  readonly lists: readonly (readonly NetnsConfig[])[];
}

/** The state after some edits: lists that nothing was edited in stay the same. */
function edit({ lists }: State, edits: readonly Edit[]): State {
  const next = [...lists];
  for (const { pod, node } of edits) {
    const name = `default/pod-${pod}`;
    for (const [at, list] of next.entries()) {
      if (list.some((c) => c.name === name)) next[at] = list.filter((c) => c.name !== name);
    }
    if (node !== undefined) next[node] = [...(next[node] ?? []), config(name)];
  }
  return { hosts: Array.from({ length: NODES }, (_, at) => config(`node-${at}`)), lists: next };
}

function plainMap({ hosts, lists }: State): Map<string, NetnsConfig> {
  return new Map([...hosts, ...lists.flat()].map((c) => [c.name, c]));
}

const NAMES = [
  ...Array.from({ length: 10 }, (_, at) => `default/pod-${at}`),
  ...["node-0", "node-2", "node-9"],
];

function expectSame(map: ReadonlyMap<string, NetnsConfig>, plain: Map<string, NetnsConfig>): void {
  expect(map.size).toBe(plain.size);
  expect([...map]).toEqual([...plain]);
  expect([...map.keys()]).toEqual([...plain.keys()]);
  const told: unknown[] = [];
  for (const [name, c] of map.entries()) told.push(name, c);
  const heard: unknown[] = [];
  map.forEach((c, name) => {
    heard.push(name, c);
  });
  expect(heard).toEqual(told);
  for (const name of NAMES) {
    expect(map.get(name)).toBe(plain.get(name));
    expect(map.has(name)).toBe(plain.has(name));
  }
}

/** `lists` stands between a state and the map: a broken one hides changes. */
function law(lists: (state: State) => State["lists"], seen: Set<number>) {
  return fc.property(fc.array(anyEdits, { minLength: 1, maxLength: 5 }), (history) => {
    let state: State = { hosts: [], lists: Array.from({ length: NODES }, () => []) };
    let map = NetnsMap.empty();
    const all: [NetnsMap, Map<string, NetnsConfig>][] = [[map, new Map()]];
    for (const edits of history) {
      state = edit(state, edits);
      map = map.next(state.hosts, lists(state));
      all.push([map, plainMap(state)]);
      seen.add(map.size);
    }
    for (const [ours, plain] of all) expectSame(ours, plain);
  });
}

test("a map of namespaces is a map of its entries, in every state", () => {
  const seen = new Set<number>();
  fc.assert(
    law(({ lists }) => lists, seen),
    { seed, numRuns: 500 },
  );
  expect(seen.size).toBeGreaterThan(5);
});

test("a map that loses a pod is caught", () => {
  const broken = ({ lists }: State) =>
    lists.map((list) => (list.length > 2 ? list.slice(1) : list));
  const options = { seed, numRuns: 500, endOnFailure: true };
  expect(() => fc.assert(law(broken, new Set()), options)).toThrow();
});
