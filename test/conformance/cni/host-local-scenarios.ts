/** Calls of the real host-local, with the files after each, also after others meddled with them. */
import { callHostLocal } from "../../../src/ipam/index.js";
import type { Report } from "../suite.js";

interface Step {
  readonly op?: "writeFile" | "removeFile";
  readonly path?: string;
  readonly content?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly config?: string;
  readonly stdinRaw?: string;
  readonly exit?: number;
  readonly stdout?: unknown;
  readonly nondeterministic?: string;
  readonly filesAfter: Readonly<Record<string, string>>;
}

interface Scenario {
  readonly name: string;
  readonly configs: Readonly<Record<string, unknown>>;
  readonly steps: readonly Step[];
}

const DATA_DIR = "@DATADIR@/";

export function runHostLocalScenarios(id: string, file: { cases: Scenario[] }, report: Report) {
  for (const scenario of file.cases) {
    report.check(`${id}/${scenario.name}`, () => runScenario(scenario));
  }
}

function runScenario({ configs, steps }: Scenario): string | undefined {
  let files: ReadonlyMap<string, string> = new Map();
  for (const [index, step] of steps.entries()) {
    if (step.op !== undefined) {
      files = meddle(files, step);
      continue;
    }
    const stdin = step.stdinRaw ?? JSON.stringify(configs[step.config ?? ""]);
    const before = files;
    const readFile = (path: string) => before.get(path.replace(DATA_DIR, ""));
    const answer = callHostLocal({ env: step.env ?? {}, stdin, files, readFile });
    files = answer.files;
    if (step.nondeterministic !== undefined) continue;
    const got = JSON.stringify([answer.exit, sortKeys(answer.stdout ?? null)]);
    const wanted = JSON.stringify([step.exit, sortKeys(step.stdout ?? null)]);
    if (got !== wanted) return `step ${index}: expected ${wanted}, got ${got}`;
    const wrong = compareFiles(files, step.filesAfter);
    if (wrong !== undefined) return `step ${index}: ${wrong}`;
  }
  return undefined;
}

function meddle(files: ReadonlyMap<string, string>, { op, path = "", content = "" }: Step) {
  const next = new Map(files);
  if (op === "removeFile") next.delete(path);
  else next.set(path, content);
  return next;
}

function compareFiles(ours: ReadonlyMap<string, string>, theirs: Readonly<Record<string, string>>) {
  const got = JSON.stringify(sortKeys(Object.fromEntries(ours)));
  const wanted = JSON.stringify(sortKeys(theirs));
  return got === wanted ? undefined : `files: expected ${wanted}, got ${got}`;
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, field]) => [key, sortKeys(field)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
