/**
 * The patch that `kubectl apply` sends: what has to be said to make of the object that is there what a
 * manifest asks for, with everything removed that an earlier manifest asked for and this one does not.
 *
 * Follows: apimachinery v0.35 pkg/util/strategicpatch/patch.go `CreateThreeWayMergePatch`; for custom
 * resources pkg/util/jsonmergepatch/patch.go `CreateThreeWayJSONMergePatch`.
 */
import { KINDS, type Kind } from "../../objects/index.js";
import { goJson, goText, sortKeys } from "../output/go-value.js";
import { compareText } from "../tables/labels.js";
import { type Strategy, strategyOf } from "./patch-strategy.js";

type Json = Readonly<Record<string, unknown>>;
type Draft = Record<string, unknown>;

const ORDER = "$setElementOrder/";
const DELETED = "$deleteFromPrimitiveList/";
const RETAIN = "$retainKeys";

/** What a difference is to tell. */
interface Telling {
  readonly additions: boolean;
  readonly deletions: boolean;
}

/** The three states of an object. */
export interface Versions {
  /** What was applied last. */
  readonly original: unknown;
  /** What is to be applied. */
  readonly modified: Json;
  /** What is there. */
  readonly current: Json;
}

/** The patch of an object of a kind, with sorted keys; `{}` where there is nothing to do. */
export function createPatch(kind: Kind, { current, modified, original }: Versions): Json {
  const differ = new Differ(kind);
  const before = isMap(original) ? original : {};
  const added = differ.maps(current, modified, "", { additions: true, deletions: false });
  const removed = differ.maps(before, modified, "", { additions: false, deletions: true });
  return sortKeys(differ.merge(removed, added, "")) as Json;
}

/** Finds differences between two states of one kind of object. */
class Differ {
  readonly #strategyOf: (path: string) => Strategy;

  constructor(kind: Kind) {
    const isCustom = KINDS[kind].isCustom === true;
    this.#strategyOf = (path) => (isCustom ? {} : strategyOf(kind, path));
  }

  maps(from: Json, to: Json, path: string, telling: Telling, retain = false): Draft {
    const patch: Draft = {};
    for (const [key, after] of Object.entries(to)) {
      const below = path === "" ? key : `${path}.${key}`;
      if (!Object.hasOwn(from, key)) {
        if (telling.additions) set(patch, key, after);
        continue;
      }
      const before = from[key];
      if (isMap(before) && isMap(after)) {
        const { retainKeys } = this.#strategyOf(below);
        const inner = this.maps(before, after, below, telling, retainKeys === true);
        if (Object.keys(inner).length > 0) set(patch, key, inner);
      } else if (Array.isArray(before) && Array.isArray(after)) {
        this.#lists({ before, after, key, below }, telling, patch);
      } else if (telling.additions && !isEqual(before, after)) set(patch, key, after);
    }
    if (telling.deletions) {
      for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) set(patch, key, null);
    }
    const isChanged = Object.keys(patch).length > 0;
    const isLess = Object.keys(from).some((key) => from[key] !== null && !Object.hasOwn(to, key));
    if (retain && (isChanged || isLess)) {
      const kept = Object.keys(to).filter((key) => to[key] !== null);
      if (kept.length > 0) patch[RETAIN] = kept.sort(compareText);
    }
    return patch;
  }

  #lists(lists: Lists, telling: Telling, patch: Draft): void {
    const { after, before, below, key } = lists;
    const strategy = this.#strategyOf(below);
    if (strategy.key === undefined) {
      if (telling.additions && !isEqual(before, after)) set(patch, key, after);
    } else if (before.length === 0) {
      if (after.length > 0 && telling.additions) set(patch, key, after);
    } else if (strategy.key === "") plainLists(lists, telling, patch);
    else this.#keyedLists(lists, { ...strategy, key: strategy.key }, telling, patch);
  }

  #keyedLists(
    { after, before, below, key }: Lists,
    strategy: Strategy & { readonly key: string },
    telling: Telling,
    patch: Draft,
  ): void {
    const [old, wanted] = [before as Json[], after as Json[]];
    const { key: by, retainKeys = false } = strategy;
    const find = (list: readonly Json[], item: Json) => list.find((one) => one[by] === item[by]);
    const changed: Json[] = [];
    for (const item of wanted) {
      const was = find(old, item);
      if (was === undefined) {
        if (telling.additions) changed.push(item);
        continue;
      }
      const inner = this.maps(was, item, below, telling, retainKeys);
      if (Object.keys(inner).length > 0) changed.push({ ...inner, [by]: item[by] });
    }
    const gone = telling.deletions ? old.filter((item) => find(wanted, item) === undefined) : [];
    const sorted = gone.toSorted((a, b) => compareText(goText(a[by]), goText(b[by])));
    changed.push(...sorted.map((item) => ({ $patch: "delete", [by]: item[by] })));
    const isMoved =
      old.length !== wanted.length || old.some((item, i) => item[by] !== wanted[i]?.[by]);
    if (changed.length > 0) set(patch, key, changed);
    if (wanted.length > 0 && (changed.length > 0 || (telling.additions && isMoved))) {
      patch[ORDER + key] = wanted.map((item) => ({ [by]: item[by] }));
    }
  }

  /** Puts the additions of one patch into the removals of another. */
  merge(removed: Json, added: Json, path: string): Draft {
    const out: Draft = { ...removed };
    for (const [key, value] of Object.entries(added)) {
      const below = path === "" ? key : `${path}.${key}`;
      const there = Object.hasOwn(out, key) ? out[key] : undefined;
      if (isMap(there) && isMap(value)) set(out, key, this.merge(there, value, below));
      else if (Array.isArray(there) && Array.isArray(value) && !key.startsWith("$")) {
        set(
          out,
          key,
          this.#mergeLists(there, value, below, added[ORDER + key] ?? out[ORDER + key]),
        );
      } else set(out, key, value);
    }
    return out;
  }

  #mergeLists(
    removed: readonly unknown[],
    added: readonly unknown[],
    path: string,
    order: unknown,
  ): readonly unknown[] {
    const { key: by } = this.#strategyOf(path);
    if (by === undefined || by === "") return added;
    const [old, fresh] = [removed as Json[], added as Json[]];
    const isGone = (item: Json) => item.$patch === "delete";
    const left = old.filter((item) => !isGone(item));
    const merged = [
      ...left.map((item) => {
        const same = fresh.find((one) => one[by] === item[by]);
        return same === undefined ? item : this.merge(item, same, path);
      }),
      ...fresh.filter((item) => !left.some((one) => one[by] === item[by])),
    ];
    const places = Array.isArray(order) ? (order as Json[]).map((item) => item[by]) : [];
    const rank = (item: Json) => places.indexOf(item[by]);
    return [...merged.sort((a, b) => rank(a) - rank(b)), ...old.filter(isGone)];
  }
}

interface Lists {
  readonly before: readonly unknown[];
  readonly after: readonly unknown[];
  readonly key: string;
  readonly below: string;
}

function plainLists({ after, before, key }: Lists, telling: Telling, patch: Draft): void {
  const added = after.filter((item) => !before.includes(item));
  // Upstream sorts the old list before it compares: one that is not in order is always told.
  const sorted = before.toSorted((a, b) => compareText(String(a), String(b)));
  const gone = [...new Set(sorted)].filter((item) => !after.includes(item));
  if (telling.additions && added.length > 0) set(patch, key, added);
  if (telling.deletions && gone.length > 0) patch[DELETED + key] = gone;
  const isTold = telling.deletions ? gone.length > 0 : !isEqual(sorted, after);
  if (isTold && after.length > 0) patch[ORDER + key] = after;
}

function isMap(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isEqual(a: unknown, b: unknown): boolean {
  return goJson(a) === goJson(b);
}

/** Sets an own field, whatever its name. */
function set(target: Draft, key: string, value: unknown): void {
  Object.defineProperty(target, key, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
}
