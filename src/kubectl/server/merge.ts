/**
 * Three-way merge, as `kubectl apply` changes an object: what the user no longer says is removed,
 * what the user says is set, what others added stays. Lists whose items have a key are merged item
 * by item.
 *
 * Follows: apimachinery v0.35 pkg/util/strategicpatch `CreateThreeWayMergePatch`.
 */

type Json = Readonly<Record<string, unknown>>;

/** Keys of the items of lists, by the name of the list. */
const MERGE_KEYS: Readonly<Record<string, string>> = {
  containers: "name",
  initContainers: "name",
  volumes: "name",
  env: "name",
  volumeMounts: "mountPath",
  tolerations: "key",
  conditions: "type",
};

/** The key of a list's items; a Service's ports go by number, a container's by its own field. */
function mergeKey(name: string, items: readonly unknown[]): string | undefined {
  if (name !== "ports") return MERGE_KEYS[name];
  const first = items[0];
  if (isMap(first) && "containerPort" in first) return "containerPort";
  return isMap(first) && "port" in first && "targetPort" in first ? "port" : undefined;
}

/** Merges: what was applied last, what is wanted now, what is there. */
export function mergeThree(last: unknown, wanted: unknown, current: unknown, name = ""): unknown {
  if (isMap(wanted) && isMap(current)) return mergeMaps(last, wanted, current);
  if (Array.isArray(wanted) && Array.isArray(current)) {
    const key = mergeKey(name, current);
    if (key !== undefined && [...wanted, ...current].every(isMap)) {
      const before = Array.isArray(last) ? (last as Json[]) : [];
      return mergeLists(key, before, wanted as Json[], current as Json[]);
    }
  }
  return wanted;
}

function mergeMaps(last: unknown, wanted: Json, current: Json): Json {
  const before = isMap(last) ? last : {};
  const out: Record<string, unknown> = {};
  for (const key of Object.keys(current)) {
    if (Object.hasOwn(before, key) && !Object.hasOwn(wanted, key)) continue;
    out[key] = current[key];
  }
  for (const key of Object.keys(wanted)) {
    out[key] = Object.hasOwn(out, key)
      ? mergeThree(before[key], wanted[key], current[key], key)
      : wanted[key];
  }
  return out;
}

function mergeLists(
  key: string,
  last: readonly Json[],
  wanted: readonly Json[],
  current: readonly Json[],
): readonly Json[] {
  const find = (list: readonly Json[], item: Json) => list.find((i) => i[key] === item[key]);
  const merged = wanted.map((item) => {
    const there = find(current, item);
    return there === undefined ? item : mergeMaps(find(last, item), item, there);
  });
  const kept = current.filter(
    (item) => find(wanted, item) === undefined && find(last, item) === undefined,
  );
  return [...merged, ...kept];
}

function isMap(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Most levels that a patch may have. */
const MAX_DEPTH = 200;

/**
 * A JSON merge patch: maps are merged, null removes, everything else replaces.
 *
 * Follows: RFC 7386.
 */
export function mergePatch(target: unknown, patch: unknown, depth = 0): unknown {
  if (!isMap(patch) || depth > MAX_DEPTH) return patch;
  const entries = new Map(Object.entries(isMap(target) ? target : {}));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) entries.delete(key);
    else entries.set(key, mergePatch(entries.get(key), value, depth + 1));
  }
  return Object.fromEntries(entries);
}
