import { describe, expect, it } from "vitest";
import { faultOf, type Import, resolvePath } from "./floors.js";
import { importsOf, listSources, readSource } from "./source.js";

const FILES = listSources("src");
const IMPORTS: Import[] = FILES.flatMap((file) =>
  importsOf(readSource(`src/${file}`)).map((target) => ({ file, target })),
);

describe("the import rule", () => {
  it("holds in every file", () => {
    const faults = IMPORTS.flatMap((one) => {
      const fault = faultOf(one);
      return fault === undefined ? [] : [`${one.file} imports ${one.target}: ${fault}`];
    });
    expect(faults).toEqual([]);
  });

  it("has looked at a real tree", () => {
    expect(FILES.length).toBeGreaterThan(30);
    expect(IMPORTS.length).toBeGreaterThan(60);
  });

  it.each([
    ["addr/addr.ts", "../wire/index.js", "floor 1 (addr) does not import floor 2 (wire)"],
    ["fib/fib.ts", "../link/index.js", "floor 4 (fib) does not import floor 4 (link)"],
    ["netns/netns.ts", "../fib/config.js", "fib is entered by its door, fib/index.js"],
    ["netns/netns.ts", "./index.js", "a file does not open its own door"],
    ["netns/netns.ts", "node:fs", "only agents and cli import Node built-ins"],
    ["cluster/x.ts", "fast-check", "only testing imports test tools"],
    ["cluster/x.ts", "../cli/index.js", "nothing imports the entry point cli"],
    ["cellar/x.ts", "../base/index.js", "cellar has no floor"],
  ])("refuses %s importing %s", (file, target, fault) => {
    expect(faultOf({ file, target })).toBe(fault);
  });

  it.each([
    ["netns/netns.ts", "../fib/index.js"],
    ["netfilter/text/parse.ts", "../../addr/index.js"],
    ["netfilter/text/parse.ts", "../iptables.js"],
    ["cli/main.ts", "node:fs"],
    ["cli/main.ts", "../verify/index.js"],
    ["cli/commands/lab.ts", "../../agents/index.js"],
    ["index.ts", "./cluster/index.js"],
  ])("allows %s importing %s", (file, target) => {
    expect(faultOf({ file, target })).toBeUndefined();
  });

  it("reads every form of import", () => {
    const text = `import a from "a";\nimport {\n  b,\n} from 'b';\nexport * from "c";\nimport type { D } from "d";\nimport "e";\nconst f = await import("f");\n// import x from "y"\n`;
    expect(importsOf(text)).toEqual(["a", "b", "c", "d", "e", "f"]);
  });
});

describe("files of one folder", () => {
  it("import each other without a cycle", () => {
    expect(findCycle(graphOf(IMPORTS))).toBeUndefined();
  });

  it("a cycle would be found", () => {
    const graph = graphOf([
      { file: "addr/a.ts", target: "./b.js" },
      { file: "addr/b.ts", target: "./c.js" },
      { file: "addr/c.ts", target: "./a.js" },
    ]);
    expect(findCycle(graph)).toEqual(["addr/a.ts", "addr/b.ts", "addr/c.ts", "addr/a.ts"]);
  });
});

function graphOf(imports: readonly Import[]): Map<string, string[]> {
  const graph = new Map<string, string[]>();
  for (const { file, target } of imports) {
    if (!target.startsWith(".")) continue;
    graph.set(file, [...(graph.get(file) ?? []), resolvePath(file, target)]);
  }
  return graph;
}

function findCycle(graph: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    path.push(file);
    for (const next of graph.get(file) ?? []) {
      const cycle = visit(next);
      if (cycle !== undefined) return cycle;
    }
    path.pop();
    done.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const cycle = visit(file);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
