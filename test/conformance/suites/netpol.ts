/** Suite `netpol`: what policies mean, by the judge. Files are told by their shape. */
import { basename, relative } from "node:path";
import { listFiles, readJson } from "../files.js";
import { runAnalyserFile } from "../netpol/analyser/files.js";
import {
  runBaselineTests,
  runBlockTests,
  runDomainTests,
  runPacketTests,
  runPortTests,
  runSelectorTests,
  runSubjectTests,
  runTierTests,
} from "../netpol/packet-engine.js";
import { runAssistant, runConformance } from "../netpol/policy-api.js";
import { runCyclonus, runRandomClusters, runTruthTables } from "../netpol/tables.js";
import type { Report, Suite } from "../suite.js";

/** A file's content: whatever its shape is, the reader for it checks nothing more. */
type Content = Readonly<Record<string, never>>;

/** A shape is told by a key; the first that fits reads the file. */
const READERS: readonly (readonly [string, (content: Content, report: Report) => void])[] = [
  ["selectorTests", runNetworkPolicyFile],
  ["anpPacketTests", runAdminFile],
  ["tierTests", runClusterFile],
  ["cases", (content, report) => runCyclonus(content as never, report)],
];

export const suite: Suite = (dir, report) => {
  for (const file of listFiles(dir, ".json")) {
    const inside = relative(dir, file);
    if (/(^|\/)(tests|test_outputs|manifests)\//.test(inside)) continue;
    if (!runAnalyserFile(file, report) && !runFile(readJson<Content>(file), report)) {
      report.skip(inside === "" ? basename(file) : inside, "not modelled");
    }
  }
};

function runFile(content: Content, report: Report): boolean {
  if (Array.isArray(content)) {
    const isClusters = content.every((c) => "probes" in c && "pods" in c);
    if (isClusters) runRandomClusters(content as never, report);
    return isClusters;
  }
  const first = (content.tests as readonly object[] | undefined)?.[0] ?? {};
  if ("serverPorts" in first) runTruthTables(content as never, report);
  else if ("states" in first) runConformance(content as never, report);
  else if ("networkPolicies" in first) runAssistant(content as never, report);
  else return runByKey(content, report);
  return true;
}

function runByKey(content: Content, report: Report): boolean {
  const reader = READERS.find(([key]) => key in content && Array.isArray(content[key]));
  if (reader === undefined || (reader[0] === "cases" && !isCyclonus(content))) return false;
  reader[1](content, report);
  return true;
}

function isCyclonus(content: Content): boolean {
  const first = (content.cases as readonly object[] | undefined)?.[0];
  return first !== undefined && "steps" in first && "features" in first;
}

function runNetworkPolicyFile(content: Content, report: Report): void {
  runPacketTests(content.packetTests ?? [], "NetworkPolicy", report);
  runSelectorTests(content.selectorTests ?? [], report);
  runBlockTests(content.ipBlockTests ?? [], report);
  runPortTests(content.portTests ?? [], "NetworkPolicy", report);
}

function runAdminFile(content: Content, report: Report): void {
  runPacketTests(content.anpPacketTests ?? [], "AdminNetworkPolicy", report);
  runBaselineTests(content.banpPacketTests ?? [], report);
  runPortTests(content.anpPortTests ?? [], "AdminNetworkPolicy", report);
  runSubjectTests(content.anpSubjectTests ?? [], report);
  runDomainTests(content.anpDomainNameTests ?? [], report);
}

function runClusterFile(content: Content, report: Report): void {
  runTierTests(content.tierTests ?? [], content.fixtures as never, report);
  runPortTests(content.protocolTests ?? [], "ClusterNetworkPolicy", report);
  runPortTests(content.portTests ?? [], "ClusterNetworkPolicy", report);
  runPortTests(content.namedPortTests ?? [], "ClusterNetworkPolicy", report);
}
