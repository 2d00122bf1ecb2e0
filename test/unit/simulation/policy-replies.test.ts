/**
 * Replies need no rule of their own: a server that may open nothing still answers (docs, concepts
 * network-policies, "The two sorts of pod isolation": reply traffic is allowed implicitly).
 */
import { expect, test } from "vitest";
import { Cluster } from "../../../src/cluster/index.js";
import { startSimulation } from "../../../src/simulation/index.js";
import { readOne } from "../../support/policy/cluster.js";
import { makePod } from "../../support/workloads.js";

const SILENT = readOne({
  apiVersion: "networking.k8s.io/v1",
  kind: "NetworkPolicy",
  metadata: { name: "silent", namespace: "default" },
  spec: { podSelector: { matchLabels: { run: "web" } }, policyTypes: ["Egress"] },
});

test.each(["iptables", "nftables"] as const)(
  "%s: a server that may open nothing answers",
  (mode) => {
    const pods = ["web", "friend"].map((name) => makePod({ name }));
    const cluster = Cluster.create({ nodes: 2, policyAgent: mode }).apply([...pods, SILENT]);
    const sim = startSimulation(cluster, { seed: "replies" });
    const ipOf = (pod: string) => cluster.get("Pod", "default", pod)?.status?.podIP ?? "";
    expect(sim.exec("friend", `nc -z -w 2 ${ipOf("web")} 80`).exitCode).toBe(0);
    expect(sim.exec("web", `nc -z -w 2 ${ipOf("friend")} 80`).exitCode).toBe(1);
  },
);
