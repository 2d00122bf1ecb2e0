/** Runs the files of `examples/` as a reader would, with `kubewire` taken from the source tree. */
import { readdirSync, readFileSync } from "node:fs";
import { type Doors, runExample } from "./run-example.js";

const FOLDER = new URL("../../examples/", import.meta.url);

/** Names of the examples, in order. */
export function listExamples(): string[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith(".ts"))
    .sort((a, b) => (a < b ? -1 : 1));
}

/** Runs one example; gives what it printed. */
export async function runExampleFile(name: string, doors: Doors): Promise<string> {
  const text = readFileSync(new URL(name, FOLDER), "utf8").replace(/^\/\*\*[\s\S]*?\*\//, "");
  return `${(await runExample(text, doors)).printed.join("\n")}\n`;
}
