import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { VERSION } from "../../src/cli/version.js";
import { ROOT, readSource } from "./source.js";

const PACKAGE = JSON.parse(readSource("package.json")) as {
  version: string;
  exports: Record<string, unknown>;
};

it("the version of the command is the version of the package", () => {
  expect(VERSION).toBe(PACKAGE.version);
});

it("every folder with a door is a subpath export, and nothing else is", () => {
  const doors = readdirSync(join(ROOT, "src"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "cli")
    .filter((entry) => existsSync(join(ROOT, "src", entry.name, "index.ts")))
    .map((entry) => `./${entry.name}`);
  const expected = [".", "./package.json", ...doors].sort((a, b) => (a < b ? -1 : 1));
  expect(Object.keys(PACKAGE.exports).sort((a, b) => (a < b ? -1 : 1))).toEqual(expected);
});

it("the top level holds only what tools and readers look for", () => {
  const expected = [
    ".ci",
    ".gitignore",
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "biome.json",
    "examples",
    "package-lock.json",
    "package.json",
    "src",
    "test",
    "tsconfig.json",
    "tsup.config.ts",
    "typedoc.json",
    "vitest.config.ts",
  ];
  const ignored = [".git", "node_modules", "dist", "docs", "coverage"];
  const found = readdirSync(ROOT).filter((name) => !ignored.includes(name));
  expect(found.sort((a, b) => (a < b ? -1 : 1))).toEqual(expected);
});
