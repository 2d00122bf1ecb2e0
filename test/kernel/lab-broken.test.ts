import { describe, expect, test } from "vitest";
import { compareRecording, diffCase } from "../../src/agents/index.js";
import { Cluster } from "../../src/cluster/index.js";
import { loadManifests } from "../../src/objects/index.js";
import { withHooksSwapped, withoutBridgeNetfilter } from "../support/broken/lab-models.js";
import { whyNoKernel } from "../support/kernel/netns.js";

const why = whyNoKernel();

const PODS = ["a", "b"]
  .map(
    (name) => `apiVersion: v1
kind: Pod
metadata: { name: ${name} }
spec: { nodeName: node-1, containers: [{ name: c, image: nginx }] }
`,
  )
  .join("---\n");

describe.skipIf(why !== undefined)(`the lab notices a wrong model (${why ?? "here"})`, () => {
  test("without br_netfilter, and with hooks in another order: two pods on one bridge", async () => {
    const { objects } = loadManifests([{ file: "pods.yaml", text: PODS }]);
    const cluster = Cluster.create({ nodes: 1, network: "bridge", dns: false }).apply(
      objects.map(({ object }) => object),
    );
    const link = cluster
      .compile()
      .netns.get("default/b")
      ?.links.find((l) => l.name === "eth0");
    const dst = link?.addresses.find((a) => a.scope === "global")?.address.addr.toString() ?? "";
    const probes = [{ from: "default/a", proto: "tcp", dst, dport: 80, sport: 20_000 }] as const;
    const right = await diffCase(
      "bridge",
      { cluster, probes, manifest: PODS },
      {
        lab: `b-${process.pid}`,
      },
    );
    expect(right.differences).toEqual([]);
    expect(right.results.get("ok")).toBe(1);
    for (const broken of [withoutBridgeNetfilter, withHooksSwapped]) {
      const { differences } = compareRecording(right.recording, broken);
      expect(differences.flatMap((d) => d.aspects).join("\n"), broken.name).toMatch(/trace node-1/);
    }
  }, 60_000);
});
