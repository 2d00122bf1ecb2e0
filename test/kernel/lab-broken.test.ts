/**
 * Each wrong model is caught by one probe of two pods on one bridge: TCP to an open port tells of
 * br_netfilter and of the order of hooks; UDP to a closed one tells of RELATED, for the error about it
 * must pass a policy that lets nobody in.
 */
import { describe, expect, test } from "vitest";
import { compareRecording, diffCase } from "../../src/agents/index.js";
import { Cluster } from "../../src/cluster/index.js";
import { loadManifests } from "../../src/objects/index.js";
import { withoutRelated } from "../support/broken/broken-kernel.js";
import { withHooksSwapped, withoutBridgeNetfilter } from "../support/broken/lab-models.js";
import { whyNoKernel } from "../support/kernel/netns.js";

const why = whyNoKernel();

const PODS = ["a", "b"].map(
  (name) => `apiVersion: v1
kind: Pod
metadata: { name: ${name}, labels: { app: ${name} } }
spec: { nodeName: node-1, containers: [{ name: c, image: nginx }] }
`,
);
const NOBODY_TO_A = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: nobody-to-a }
spec: { podSelector: { matchLabels: { app: a } }, policyTypes: [Ingress] }
`;
const MANIFEST = [...PODS, NOBODY_TO_A].join("---\n");

/** Which of the probes catches a model, and in what. */
const CASES = [
  ["without br_netfilter", withoutBridgeNetfilter, 0, /trace node-1/],
  ["with hooks in another order", withHooksSwapped, 0, /trace node-1/],
  [
    "without the RELATED state",
    (recording: Parameters<typeof withoutRelated>[0]) => ({ probes: withoutRelated(recording) }),
    1,
    /result: kernel "ECONNREFUSED" \| ours "timeout"/,
  ],
] as const;

describe.skipIf(why !== undefined)(`the lab notices a wrong model (${why ?? "here"})`, () => {
  test.each(["iptables", "nftables"] as const)(
    "in %s mode: without br_netfilter, with hooks in another order, without RELATED",
    async (proxy) => {
      const { objects } = loadManifests([{ file: "pods.yaml", text: MANIFEST }]);
      const cluster = Cluster.create({ nodes: 1, network: "bridge", dns: false, proxy }).apply(
        objects.map(({ object }) => object),
      );
      const link = cluster
        .compile()
        .netns.get("default/b")
        ?.links.find((l) => l.name === "eth0");
      const dst = link?.addresses.find((a) => a.scope === "global")?.address.addr.toString() ?? "";
      const probes = [
        { from: "default/a", proto: "tcp", dst, dport: 80, sport: 20_000 },
        { from: "default/a", proto: "udp", dst, dport: 9, sport: 20_007 },
      ] as const;
      const lab = `b-${process.pid}`;
      const right = await diffCase("broken", { cluster, probes, manifest: MANIFEST }, { lab });
      expect(right.differences).toEqual([]);
      expect([...right.results]).toEqual([
        ["ok", 1],
        ["ECONNREFUSED", 1],
      ]);
      for (const [what, broken, at, sign] of CASES) {
        const { differences } = compareRecording(right.recording, broken);
        const caught = differences.find(({ probe }) => probe.sport === probes[at].sport);
        expect(caught?.aspects.join("\n"), what).toMatch(sign);
      }
    },
    60_000,
  );
});
