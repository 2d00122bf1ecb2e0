import { beforeAll, describe, expect, it } from "vitest";
import { makeExampleWorld } from "../support/example-world.js";
import { type Doors, openDoors, runExample } from "../support/run-example.js";
import { listSources, readSource } from "../tidy/source.js";

interface Example {
  readonly place: string;
  readonly home: string;
  readonly code: string;
}

const EXAMPLES: Example[] = listSources("src").flatMap((file) =>
  examplesOf(file, readSource(`src/${file}`)),
);

let doors: Doors;
let world: Record<string, unknown>;
beforeAll(async () => {
  doors = await openDoors();
  world = await makeExampleWorld();
});

describe("every example in a docstring runs", () => {
  it.each(EXAMPLES)("$place", async ({ code, home }) => {
    await runExample(code, doors, { home, world });
  });

  it("a wrong result would be seen", async () => {
    await expect(runExample("1 + 1 // => 3", doors)).rejects.toThrow();
    expect((await runExample("1 + 1 // => 2", doors)).checks).toBe(1);
  });
});

function examplesOf(file: string, text: string): Example[] {
  const home = file.includes("/") ? `kubewire/${file.split("/")[0]}` : "kubewire";
  return [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)].flatMap(([comment]) => {
    const [, code] = comment.split(/@example\b/);
    if (code === undefined) return [];
    const lines = code
      .replace(/\*\/$/, "")
      .split("\n")
      .map((line) => line.replace(/^\s*\* ?/, ""))
      .filter((line) => !line.startsWith("```"));
    const line = text.slice(0, text.indexOf(comment)).split("\n").length;
    return [{ place: `${file}:${line}`, home, code: lines.join("\n") }];
  });
}
