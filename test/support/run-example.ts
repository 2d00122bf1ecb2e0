/**
 * Runs an example of a docstring or of a Markdown page: types are stripped, imports of kubewire are
 * taken from the source tree, and every line that ends in `// => text` is held against its value.
 */
import { readdirSync } from "node:fs";
import { transformSync } from "esbuild";
import { expect } from "vitest";

type Module = Readonly<Record<string, unknown>>;

/** Everything the doors export, by subpath: `kubewire`, `kubewire/ipam`, … */
export type Doors = ReadonlyMap<string, Module>;

/** Opens every door of the source tree. */
export async function openDoors(): Promise<Doors> {
  const root = new URL("../../src/", import.meta.url);
  const doors = new Map<string, Module>();
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name === "cli") continue;
    const door = new URL(`${entry.name}/index.ts`, root).href;
    doors.set(`kubewire/${entry.name}`, (await import(door)) as Module);
  }
  doors.set("kubewire", (await import(new URL("index.ts", root).href)) as Module);
  return doors;
}

/** How many results an example held against their values. */
export interface ExampleRun {
  readonly checks: number;
  /** What it printed with console.log, line by line. */
  readonly printed: readonly string[];
}

/** Runs one example. Names it uses without importing them are looked up at `home`, then anywhere. */
export async function runExample(
  code: string,
  doors: Doors,
  { home, world = {} }: { home?: string; world?: Readonly<Record<string, unknown>> } = {},
): Promise<ExampleRun> {
  const { names, values } = namesOf(doors, home, world);
  const printed: string[] = [];
  let checks = 0;
  const check = (value: unknown, expected: string) => {
    checks++;
    expect(printResult(value)).toBe(expected);
  };
  const console = { log: (...words: unknown[]) => printed.push(...words.join(" ").split("\n")) };
  const body = transformSync(rewrite(code), { loader: "ts", format: "esm" }).code;
  const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;
  const run = new AsyncFunction(
    "$check",
    "$door",
    "console",
    `const {${names.join(", ")}} = arguments[3];\n{${body}\n}`,
  );
  await run(check, (name: string) => doors.get(name) ?? {}, console, values);
  return { checks, printed };
}

/** Turns imports into look-ups and `value // => text` into a comparison. */
export function rewrite(code: string): string {
  return code
    .replace(
      /import\s*(\{[^}]*\})\s*from\s*"(kubewire[^"]*)";?/g,
      (_, names: string, door: string) =>
        `const ${names.replace(/\btype\s+\w+,?/g, "").replaceAll(" as ", ": ")} = $door("${door}");`,
    )
    .split("\n")
    .map((line) => {
      const m = /^(\s*)(?:const (\w+) = )?(.*?);?\s*\/\/ => (.*)$/.exec(line);
      if (m === null) return line;
      const [, indent, name, value, expected] = m;
      const text = JSON.stringify((expected as string).trim());
      if (name === undefined) return `${indent}$check(${value}, ${text});`;
      return `${indent}const ${name} = ${value}; $check(${name}, ${text});`;
    })
    .join("\n");
}

function namesOf(doors: Doors, home: string | undefined, world: Readonly<Record<string, unknown>>) {
  const values: Record<string, unknown> = { ...world };
  for (const module of doors.values()) Object.assign(values, module);
  if (home !== undefined) Object.assign(values, doors.get(home));
  return { names: Object.keys(values), values };
}

function printResult(value: unknown): string {
  if (typeof value === "string") return value;
  if (value !== null && typeof value === "object") {
    const own = (value as object).toString;
    if (own !== Object.prototype.toString && !Array.isArray(value)) return String(value);
    return JSON.stringify(value);
  }
  return String(value);
}
