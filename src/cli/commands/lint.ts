/** `kubewire lint`: where the real kube-proxy would answer by chance. */
import { printFinding } from "../../proxy/index.js";
import { type ClusterFlags, loadCluster } from "../cluster-options.js";
import { EXIT } from "../failure.js";
import type { Terminal } from "../terminal.js";

/** What commander read. */
export interface LintFlags extends ClusterFlags {
  readonly json?: boolean;
}

/** Prints every finding; exit status 1 when there is one. */
export function runLint(flags: LintFlags, terminal: Terminal): number {
  const findings = loadCluster(flags).cluster.lint();
  if (flags.json) terminal.out(`${JSON.stringify({ findings })}\n`);
  else {
    for (const finding of findings) terminal.out(`${printFinding(finding)}\n`);
    terminal.out(`${findings.length} places where kube-proxy answers by chance\n`);
  }
  return findings.length > 0 ? EXIT.fails : EXIT.holds;
}
