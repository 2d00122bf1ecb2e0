/**
 * Sessions that were typed into a real kubectl v1.35.4 at a real control plane of that version, with
 * what it answered; `test/conformance/placeholders.ts` says what is not compared.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Report } from "../../conformance/suite.js";
import { suite } from "../../conformance/suites/kubectl.js";
import { ROOT } from "../../tidy/source.js";

const SESSIONS = join(ROOT, "test/golden/kubectl");

async function replay(folder: string): Promise<Report> {
  const report = new Report();
  await suite(folder, report);
  return report;
}

it("answers what the real one answered", async () => {
  const report = await replay(SESSIONS);
  expect(report.failures).toEqual([]);
  expect(report.unsupported).toEqual([]);
  expect(report.passed).toBe(609);
});

it("notices an answer with another word, and another exit status", async () => {
  const folder = mkdtempSync(join(tmpdir(), "kubewire-sessions-"));
  const text = readFileSync(join(SESSIONS, "expose.json"), "utf8");
  try {
    writeFileSync(join(folder, "word.json"), text.replaceAll(" exposed", " is exposed"));
    writeFileSync(join(folder, "status.json"), text.replace('"exit": 0', '"exit": 1'));
    const { failures } = await replay(folder);
    expect(failures.filter(({ id }) => id.startsWith("word")).length).toBeGreaterThan(5);
    expect(failures.filter(({ id }) => id.startsWith("status")).length).toBe(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
