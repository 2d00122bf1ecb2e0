/** Objects drawn from the declaration of their kind, and mutations of their structure. */
import type { Random } from "../../src/base/index.js";
import type { Shape } from "../../src/objects/shape/shape.js";

const TEXTS = [
  "web",
  "",
  "TCP",
  "10.0.0.1",
  "::1",
  "a b",
  "In",
  "a".repeat(300),
  "x/y",
  "None",
  "é",
];
const NUMBERS = [0, 1, -1, 80, 65536, 2 ** 31, 2 ** 53, 0.5];

const oneOf = <T>(list: readonly T[], random: Random): T =>
  list[random.nextBelow(list.length)] as T;

/** A value of a shape; about every third field is there, deep ones less often. */
export function makeTree(shape: Shape<unknown>, random: Random, depth = 0): unknown {
  switch (shape.kind) {
    case "struct": {
      const out: Record<string, unknown> = {};
      for (const name of shape.names) {
        const isHeld = depth === 0 || random.nextBelow(2 + depth) === 0;
        const field = shape.fields[name]?.shape;
        if (isHeld && field !== undefined) out[name] = makeTree(field, random, depth + 1);
      }
      return out;
    }
    case "list":
      return Array.from({ length: random.nextBelow(3) }, () =>
        makeTree(shape.item, random, depth + 1),
      );
    case "map":
      return { [oneOf(TEXTS, random)]: makeTree(shape.value, random, depth + 1) };
    case "bool":
      return random.nextBelow(2) === 0;
    case "int":
    case "float":
      return oneOf(NUMBERS, random);
    default:
      return shape.oneOf === undefined ? oneOf(TEXTS, random) : oneOf(shape.oneOf, random);
  }
}

const WRONG: readonly (() => unknown)[] = [
  () => null,
  () => [],
  () => ({}),
  () => [null],
  () => "x",
  () => 3.5,
  () => true,
  () => JSON.parse('{"__proto__": {"polluted": 1}}'),
];

/** Changes one place of a tree: removes, renames, doubles it, or puts something else there. */
export function mutateTree(tree: object, random: Random): void {
  const places: (readonly [Record<string, unknown>, string])[] = [];
  collect(tree as Record<string, unknown>, places);
  if (places.length === 0) return;
  const [holder, key] = oneOf(places, random);
  const value = holder[key];
  switch (random.nextBelow(4)) {
    case 0:
      delete holder[key];
      break;
    case 1:
      delete holder[key];
      holder[oneOf(["constructor", `${key}s`, key.toUpperCase(), "toString"], random)] = value;
      break;
    case 2:
      holder[key] = [value, value];
      break;
    default:
      holder[key] = oneOf(WRONG, random)();
  }
}

function collect(
  tree: Record<string, unknown>,
  places: (readonly [Record<string, unknown>, string])[],
): void {
  for (const key of Object.keys(tree)) {
    places.push([tree, key]);
    const below = tree[key];
    if (typeof below === "object" && below !== null) {
      collect(below as Record<string, unknown>, places);
    }
  }
}
