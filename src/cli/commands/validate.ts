/** `kubewire validate`: all faults of all files. */
import { type Fault, printFault } from "../../base/index.js";
import { tryLoadManifests } from "../../objects/index.js";
import { EXIT } from "../failure.js";
import { readManifests } from "../files.js";
import type { Terminal } from "../terminal.js";

/** What commander read. */
export interface ValidateFlags {
  readonly filename: readonly string[];
  readonly json?: boolean;
}

/** Loads the manifests; exit status 2 when any has a fault. */
export function runValidate(flags: ValidateFlags, terminal: Terminal): number {
  const { objects, others, faults } = tryLoadManifests(readManifests(flags.filename));
  if (flags.json) {
    const kinds = others.map(({ apiVersion, count, kind }) => ({ apiVersion, kind, count }));
    terminal.out(
      `${JSON.stringify({ objects: objects.length, others: kinds, faults: faults.map(asData) })}\n`,
    );
  } else {
    for (const fault of faults) terminal.err(`${printFault(fault)}\n`);
    const passed = others.reduce((sum, other) => sum + other.count, 0);
    const verdict =
      faults.length > 0 ? count(faults.length, "fault") : count(objects.length, "object");
    terminal.out(`${verdict}; ${passed} of kinds without meaning for the network\n`);
  }
  return faults.length > 0 ? EXIT.badInput : EXIT.holds;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** A fault under the names that people know from the API server's answers, beside our own. */
function asData(fault: Fault) {
  const { code, path, subject, ...rest } = fault;
  return { code, type: code, field: path, path, ...subject, ...rest };
}
