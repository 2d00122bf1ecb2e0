/** Clusters given as objects, with a list of what is allowed and some sets of ports. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  listConnections,
  printEnd,
  printPorts,
  readPolicies,
  workloadsOf,
} from "../../../../src/policy/index.js";
import type { Report } from "../../suite.js";
import { type Raw, toObject } from "../cluster.js";
import { differenceOf, readRows, TXT_ROW } from "./lists.js";

/** One cluster, and what is expected of it. */
export interface Resources {
  readonly group: string;
  readonly name: string;
  readonly namespaces: readonly Raw[];
  readonly pods: readonly Raw[];
  readonly adminNetworkPolicies: readonly Raw[] | null;
  readonly baselineAdminNetworkPolicy: Raw | null;
  readonly networkPolicies: readonly Raw[] | null;
  readonly evalExpectations: readonly {
    readonly src: string;
    readonly dst: string;
    readonly conn: string;
  }[];
  readonly expectedConnlistFile: string;
}

/** Every address outside, as the tests name it and as a list does. */
const OUTSIDE = "0.0.0.0/0";
const OUTSIDE_RANGE = "0.0.0.0-255.255.255.255[External]";

/** Lists the cluster: against the file where it is there, and for each set of ports that is expected. */
export function runResources(test: Resources, base: string, report: Report): void {
  const id = `netpol-analyzer/resources/${test.group}/${test.name}`;
  const list = listOf(test);
  const file = join(base, test.expectedConnlistFile);
  if (existsSync(file)) {
    report.check(`${id}/list`, () => {
      const rows = list.map(({ src, dst, conn }) => `${src} => ${dst} : ${conn}`);
      const wanted = readRows(file, TXT_ROW).map((r) => `${r.src} => ${r.dst} : ${r.conn}`);
      return differenceOf(rows, wanted);
    });
  } else report.facts["lists without a file"] = (report.facts["lists without a file"] ?? 0) + 1;
  for (const { src, dst, conn } of test.evalExpectations) {
    report.check(`${id}/${src}>${dst}`, () => {
      const [from, to] = [nameOf(src), nameOf(dst)];
      const row = list.find((each) => each.src === from && each.dst === to);
      const got = row?.conn ?? "No Connections";
      return got === conn ? undefined : `${got}, not ${conn}`;
    });
  }
}

function nameOf(end: string): string {
  return end === OUTSIDE ? OUTSIDE_RANGE : `${end}[Pod]`;
}

function listOf(test: Resources): { src: string; dst: string; conn: string }[] {
  const baseline = test.baselineAdminNetworkPolicy;
  const objects = [
    ...test.namespaces.map((raw) => toObject(raw, "Namespace")),
    ...test.pods.map((raw) => toObject(raw, "Pod")),
    ...(test.networkPolicies ?? []).map((raw) => toObject(raw, "NetworkPolicy")),
    ...(test.adminNetworkPolicies ?? []).map((raw) => toObject(raw, "AdminNetworkPolicy")),
    ...(baseline === null ? [] : [toObject(baseline, "BaselineAdminNetworkPolicy")]),
  ].map((object) => ({ object }));
  const list = listConnections({
    workloads: workloadsOf(objects),
    policies: readPolicies(objects),
    families: ["ip4"],
    blocksMatchPods: false,
    ranges: "split",
  });
  return list.map((c) => ({
    src: printEnd(c.src),
    dst: printEnd(c.dst),
    conn: printPorts(c.ports),
  }));
}
