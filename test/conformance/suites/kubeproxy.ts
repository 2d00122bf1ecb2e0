/** What kube-proxy answers: its unit tests as data, and random clusters asked of the real proxiers. */
import { basename } from "node:path";
import { listFiles, readJson } from "../files.js";
import { type ClusterFile, checkIptablesCluster } from "../kubeproxy/iptables-clusters.js";
import type { Suite } from "../suite.js";

export const suite: Suite = (dir, report) => {
  for (const file of listFiles(dir, ".json")) {
    const name = basename(file, ".json");
    const data = readJson<Record<string, unknown>>(file);
    if (data.config !== undefined && Array.isArray(data.steps)) {
      checkIptablesCluster(name, data as unknown as ClusterFile, report);
    }
  }
};
