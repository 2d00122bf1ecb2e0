/** What kubectl prints: tables byte for byte, and sessions typed into a real kubectl. */
import { basename } from "node:path";
import { printTable } from "../../../src/kubectl/index.js";
import { KINDS, type Kind, type KubeObject, parseTime } from "../../../src/objects/index.js";
import { listFiles, readJson } from "../files.js";
import type { Report, Suite } from "../suite.js";

interface TableCase {
  readonly seed: number;
  readonly resource: string;
  readonly options: Readonly<Record<string, boolean>>;
  readonly now: string;
  readonly objects: readonly KubeObject[];
  readonly output: string;
}

export const suite: Suite = (dir, report) => {
  for (const file of listFiles(dir, ".json")) {
    const cases = readJson<unknown>(file);
    if (!Array.isArray(cases)) continue;
    for (const [i, one] of (cases as Record<string, unknown>[]).entries()) {
      const id = `${basename(file)}#${i}`;
      if ("resource" in one) judgeTable(id, one as unknown as TableCase, report);
    }
  }
};

function judgeTable(id: string, one: TableCase, report: Report): void {
  const kind = (Object.keys(KINDS) as Kind[]).find((k) => KINDS[k].resource === one.resource);
  if (kind === undefined) {
    report.skip(`${id} ${one.resource}`, `no table of ${one.resource}`);
    return;
  }
  report.check(`${id} ${one.resource} seed ${one.seed}`, () => {
    const now = parseTime(one.now) ?? 0;
    const ours = printTable(kind, one.objects, { ...one.options, now });
    return ours === one.output ? undefined : `ours:\n${ours}\nexpected:\n${one.output}`;
  });
}
