import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ENTRY_POINTS, FLOORS } from "./floors.js";
import { listSources, ROOT, readSource } from "./source.js";

const HEADINGS = ["Owns", "May import", "Laws", "Start here", "Not modelled", "Review notes"];
const FOLDERS = readdirSync(join(ROOT, "src"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && readdirSync(join(ROOT, "src", entry.name)).length > 0)
  .map((entry) => entry.name)
  .sort((a, b) => (a < b ? -1 : 1));

describe("every folder of src", () => {
  it.each(FOLDERS)("%s has a floor, a door and a README", (folder) => {
    expect(folder in FLOORS || ENTRY_POINTS.includes(folder)).toBe(true);
    expect(existsSync(join(ROOT, "src", folder, "index.ts"))).toBe(true);
    const readme = readSource(`src/${folder}/README.md`);
    expect(readme.split("\n").length).toBeLessThanOrEqual(61);
    expect(HEADINGS.filter((heading) => !readme.includes(`## ${heading}`))).toEqual([]);
  });
});

describe("every file of src", () => {
  it("has at most 500 lines, and few more than 400", () => {
    const sizes = listSources("src").map((file) => ({
      file,
      lines: readSource(`src/${file}`).split("\n").length,
    }));
    expect(sizes.filter(({ lines }) => lines > 500)).toEqual([]);
  });

  it("is named for what it holds", () => {
    const banned = /(^|[/-])(utils?|helpers?|common|misc|types)(\.ts|\/|-)/;
    expect(listSources("src").filter((file) => banned.test(file))).toEqual([]);
    expect(banned.test("addr/utils.ts")).toBe(true);
    expect(listSources("src").filter((file) => !/^[a-z0-9/.-]+$/.test(file))).toEqual([]);
  });
});
