/** The floor plan: the number of every folder of `src`. A file may import only downwards. */

export const FLOORS: Readonly<Record<string, number>> = {
  base: 0,
  addr: 1,
  wire: 2,
  objects: 2,
  trace: 3,
  link: 4,
  fib: 4,
  netfilter: 4,
  ipvs: 4,
  ipam: 4,
  netns: 5,
  fabric: 6,
  proxy: 6,
  policy: 6,
  cni: 6,
  cluster: 7,
  simulation: 8,
  kubectl: 8,
  verify: 9,
  workbench: 10,
};

/** Entry points of their own: they may open any door, and nobody opens theirs but `cli`. */
export const ENTRY_POINTS: readonly string[] = ["testing", "agents", "cli"];

/** The only folders that may import Node built-ins. */
export const NODE_FOLDERS: readonly string[] = ["agents", "cli"];

/** One import of one file. */
export interface Import {
  /** Path of the importing file below `src`, e.g. `netfilter/text/parse.ts`. */
  readonly file: string;
  /** The module as written, e.g. `../addr/index.js`. */
  readonly target: string;
}

/** Why an import breaks the rule, or undefined where it keeps it. */
export function faultOf({ file, target }: Import): string | undefined {
  const from = file.includes("/") ? (file.split("/")[0] as string) : "";
  if (!target.startsWith(".")) return faultOfPackage(from, target);
  const path = resolvePath(file, target);
  const to = path.includes("/") ? (path.split("/")[0] as string) : "";
  if (from === to) {
    return path === `${from}/index.ts` ? "a file does not open its own door" : undefined;
  }
  if (from === "") return faultOfRoot(path);
  if (path !== `${to}/index.ts`) return `${to} is entered by its door, ${to}/index.js`;
  return faultOfFloors(from, to);
}

function faultOfRoot(path: string): string | undefined {
  return /^[a-z]+\/index\.ts$/.test(path) ? undefined : "the root opens doors only";
}

function faultOfFloors(from: string, to: string): string | undefined {
  if (from === "cli") return undefined;
  if (ENTRY_POINTS.includes(to)) return `nothing imports the entry point ${to}`;
  if (to === "") return undefined;
  const below = FLOORS[to];
  if (below === undefined) return `${to} has no floor`;
  if (ENTRY_POINTS.includes(from)) return undefined;
  const floor = FLOORS[from];
  if (floor === undefined) return `${from} has no floor`;
  return below < floor
    ? undefined
    : `floor ${floor} (${from}) does not import floor ${below} (${to})`;
}

function faultOfPackage(from: string, target: string): string | undefined {
  if (target.startsWith("node:") && !NODE_FOLDERS.includes(from)) {
    return "only agents and cli import Node built-ins";
  }
  if ((target === "fast-check" || target === "vitest") && from !== "testing") {
    return "only testing imports test tools";
  }
  return undefined;
}

/** Resolves a relative module to a path below `src`, `.js` read as `.ts`. */
export function resolvePath(file: string, target: string): string {
  const parts = file.split("/").slice(0, -1);
  for (const part of target.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/").replace(/\.js$/, ".ts");
}
