/** What kube-proxy answers: its unit tests as data, and random clusters asked of the real proxiers. */
import { basename } from "node:path";
import { listFiles, readJson } from "../files.js";
import { type ClusterFile, checkIptablesCluster } from "../kubeproxy/iptables-clusters.js";
import {
  checkIptablesFlows,
  checkIptablesGolden,
  checkIptablesTracer,
} from "../kubeproxy/iptables-golden.js";
import { checkIpvsCluster, type IpvsClusterFile } from "../kubeproxy/ipvs-checks.js";
import { checkModelCluster } from "../kubeproxy/model-clusters.js";
import { checkModelUnits } from "../kubeproxy/model-units.js";
import {
  checkNftCluster,
  checkNftFlows,
  checkNftGolden,
  type NftClusterFile,
} from "../kubeproxy/nft-checks.js";
import {
  checkCategorize,
  checkConntrack,
  checkEndpointsMap,
  checkServiceMap,
} from "../kubeproxy/shared-checks.js";
import { checkIptablesUnits, checkNftUnits } from "../kubeproxy/unit-checks.js";
import type { Report, Suite } from "../suite.js";

// biome-ignore lint/suspicious/noExplicitAny: each check states the shape of its own file.
type Check = (id: string, data: any, report: Report) => void;

/** The unit tests' files, by the beginning of their name. */
const UNITS: readonly (readonly [string, Check])[] = [
  ["iptables-golden", checkIptablesGolden],
  ["iptables-flows", checkIptablesFlows],
  ["iptables-flows", (id, file, report) => checkModelUnits(id, { mode: "iptables" }, file, report)],
  ["iptables-tracer", checkIptablesTracer],
  ["categorize-endpoints", checkCategorize],
  ["endpoints-map", checkEndpointsMap],
  ["service-map", checkServiceMap],
  ["conntrack-cleanup", checkConntrack],
  ["iptables-units", checkIptablesUnits],
  ["nftables-units", checkNftUnits],
  ["nftables-golden", checkNftGolden],
  ["nftables-flows", checkNftFlows],
  ["nftables-flows", (id, file, report) => checkModelUnits(id, { mode: "nftables" }, file, report)],
];

export const suite: Suite = (dir, report) => {
  for (const file of listFiles(dir, ".json")) {
    const name = basename(file, ".json");
    const data = readJson<Record<string, unknown>>(file);
    if (data.config !== undefined && Array.isArray(data.steps)) {
      checkIptablesCluster(name, data as unknown as ClusterFile, report);
      checkNftCluster(name, data as unknown as NftClusterFile, report);
      checkIpvsCluster(name, data as unknown as IpvsClusterFile, report);
      checkModelCluster(name, data as unknown as ClusterFile & NftClusterFile, report);
      continue;
    }
    const checks = UNITS.filter(([prefix]) => name.startsWith(prefix));
    if (checks.length === 0) report.skip(name, "no check for a file of this name");
    for (const [, check] of checks) check(name, data, report);
  }
};
