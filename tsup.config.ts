import { readdirSync } from "node:fs";
import { defineConfig } from "tsup";

const doors = readdirSync("src", { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== "cli")
  .map((entry) => [entry.name, `src/${entry.name}/index.ts`] as const);

export default defineConfig([
  {
    entry: { index: "src/index.ts", ...Object.fromEntries(doors) },
    format: ["esm", "cjs"],
    dts: true,
    splitting: true,
    clean: true,
    target: "node20",
    treeshake: true,
    external: ["fast-check", "vitest"],
  },
  {
    entry: { cli: "src/cli/main.ts" },
    format: ["esm"],
    splitting: true,
    outDir: "dist/bin",
    target: "node20",
    minify: true,
    noExternal: [/.*/],
    define: { "process.env.NODE_ENV": '"production"' },
    // Packages in CommonJS ask for Node's modules by `require`, which an ES module has to make.
    banner: {
      js: 'import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);',
    },
  },
]);
