/**
 * npm run -s conformance -- SUITE DIR [--json] [--quiet]
 *
 * Runs one suite over a folder of vectors. Prints one line per failure and, last, a summary as JSON.
 * Exit: 0 nothing failed, 1 something did, 2 the call was wrong.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Report, type Suite } from "./suite.js";

const NAMES = [
  "kernel",
  "linux",
  "objects",
  "kubectl",
  "endpointslice",
  "dns",
  "kubeproxy",
  "netpol",
  "cni",
] as const;

async function loadSuite(name: string): Promise<Suite> {
  const file = new URL(`./suites/${name}.ts`, import.meta.url);
  if (!existsSync(fileURLToPath(file))) {
    return (dir, report) => report.skip(dir, `suite ${name} is not built yet`);
  }
  return ((await import(file.href)) as { suite: Suite }).suite;
}

async function main(): Promise<number> {
  const words = process.argv.slice(2);
  const [name, dir] = words.filter((w) => !w.startsWith("--"));
  if (name === undefined || dir === undefined || !(NAMES as readonly string[]).includes(name)) {
    console.error(`usage: npm run -s conformance -- ${NAMES.join("|")} DIR [--json] [--quiet]`);
    return 2;
  }
  if (!existsSync(dir)) {
    console.error(
      `conformance: ${JSON.stringify(dir)}: there is no such folder; give a folder of vectors`,
    );
    return 2;
  }
  const report = new Report();
  await (await loadSuite(name))(dir, report);
  if (!words.includes("--json") && !words.includes("--quiet")) printFailures(report);
  const { passed, total, failures, unsupported, facts } = report;
  console.log(
    JSON.stringify({
      suite: name,
      total,
      passed,
      failed: failures.length,
      unsupported: unsupported.length,
      ...(Object.keys(facts).length > 0 ? { facts } : {}),
      failures: failures.map((f) => (words.includes("--json") ? f : f.id)),
      unsupportedCases: unsupported,
    }),
  );
  return failures.length === 0 ? 0 : 1;
}

function printFailures(report: Report): void {
  for (const f of report.failures) console.log(`FAILED ${f.id}: ${f.detail}`);
  for (const u of report.unsupported) console.log(`unsupported ${u.id}: ${u.why}`);
}

process.exitCode = await main();
