import { beforeAll, describe, expect, it } from "vitest";
import { listExamples, runExampleFile } from "../support/example-files.js";
import { type Doors, openDoors } from "../support/run-example.js";

let doors: Doors;
beforeAll(async () => {
  doors = await openDoors();
});

describe("every example prints what it printed", () => {
  it.each(listExamples())("%s", async (name) => {
    const printed = await runExampleFile(name, doors);
    await expect(printed).toMatchFileSnapshot(
      `../golden/examples/${name.replace(/\.ts$/, "")}.txt`,
    );
  });
});
