/** Lists of allowed connections against those of netpol-analyzer. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Connection,
  type Focus,
  listConnections,
  policyProtocol,
  printEnd,
  printPorts,
  readPolicies,
  workloadsOf,
} from "../../../../src/policy/index.js";
import { manifestFiles, readLeniently } from "./manifests.js";

/** A test of the analyser's index. */
export interface ListTest {
  readonly id: string;
  readonly command: string;
  readonly dir?: string;
  readonly family: string;
  readonly options: {
    readonly focusWorkloads?: readonly string[];
    readonly focusWorkloadPeers?: readonly string[];
    readonly focusDirection?: "ingress" | "egress";
    readonly focusConn?: string;
  };
  readonly expected: Readonly<Record<string, string>>;
}

/** A list as the vectors hold it. */
export type Rows = readonly {
  readonly src: string;
  readonly dst: string;
  readonly conn?: string;
}[];

/** Lists what a test asks for, and says what differs. */
export function runListTest(
  test: ListTest,
  { dir, rows }: { readonly dir: string; readonly rows: Rows | undefined },
): string | undefined {
  const { focusConn } = test.options;
  const wanted = focusConn === undefined && rows !== undefined ? rows : readExpected(test, dir);
  const got = listDir(join(dir, test.dir ?? ""), focusOf(test.options));
  const ours = got.map((c) => ({
    src: printEnd(c.src),
    dst: printEnd(c.dst),
    conn: printPorts(c.ports),
  }));
  const show = ({ src, dst, conn }: Rows[number]) =>
    focusConn === undefined ? `${src} => ${dst} : ${conn}` : `${src} => ${dst}`;
  return differenceOf(ours.map(show), wanted.map(show));
}

/** The analyser knows no addresses of pods, only IPv4, and takes pods on the host's network for others. */
export function listDir(path: string, focus: Focus): Connection[] {
  const objects = readLeniently(manifestFiles(path));
  return listConnections({
    workloads: workloadsOf(objects, { hostNetworkPods: "pod" }),
    policies: readPolicies(objects),
    families: ["ip4"],
    blocksMatchPods: false,
    ranges: "split",
    focus,
  });
}

function focusOf(options: ListTest["options"]): Focus {
  const { focusWorkloads, focusWorkloadPeers, focusDirection, focusConn } = options;
  const [protocol = "", port = ""] = (focusConn ?? "").split("-");
  return {
    ...(focusWorkloads && { workloads: focusWorkloads }),
    ...(focusWorkloadPeers && { peers: focusWorkloadPeers }),
    ...(focusDirection && { direction: focusDirection }),
    ...(focusConn && {
      on: { protocol: policyProtocol(protocol.toUpperCase()), port: Number(port) },
    }),
  };
}

/** A row of the analyser's text. */
export const TXT_ROW = /^(\S+) => (\S+)(?: : (.+))?$/;

/** The list as one of the analyser's own outputs, where there are no rows. */
function readExpected({ expected }: ListTest, dir: string): Rows {
  const { txt, dot } = expected;
  if (txt !== undefined) return readRows(join(dir, txt), TXT_ROW);
  if (dot === undefined) throw new Error(`no list in ${JSON.stringify(expected)}`);
  // Dashed arrows are what pods that do not exist yet could open.
  return readRows(join(dir, dot), /^"(.+)" -> "(.+)" \[label="([^"]*)"(?!.*dashed)/);
}

/** Rows of a file, one a line. */
export function readRows(file: string, form: RegExp): Rows {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.flatMap((line) => {
    const [, src, dst, conn] = form.exec(line.trim()) ?? [];
    if (src === undefined || dst === undefined) return [];
    return [{ src, dst, ...(conn === undefined ? {} : { conn }) }];
  });
}

/** Rows that only one of two lists has. */
export function differenceOf(
  got: readonly string[],
  wanted: readonly string[],
): string | undefined {
  const [ours, theirs] = [new Set(got), new Set(wanted)];
  const more = got.filter((row) => !theirs.has(row));
  const less = wanted.filter((row) => !ours.has(row));
  if (more.length === 0 && less.length === 0) return undefined;
  const show = (rows: readonly string[]) => `${rows.length}: ${rows.slice(0, 6).join("; ")}`;
  return `too many ${show(more)} | missing ${show(less)}`;
}
