/**
 * The small world that examples in docstrings speak of: a cluster with two pods and a Service, and
 * what stands around in it. An example may use these names without making them.
 */

/** A few objects, as somebody would write them. */
const text = `apiVersion: v1
kind: Pod
metadata: { name: pod-a }
spec: { containers: [{ name: pod-a, image: nginx }] }
---
apiVersion: v1
kind: Pod
metadata: { name: pod-b, labels: { run: pod-b } }
spec: { containers: [{ name: pod-b, image: nginx }] }
---
apiVersion: v1
kind: Service
metadata: { name: pod-b-service }
spec: { selector: { run: pod-b }, ports: [{ port: 80 }] }
`;

/** Makes the world anew. */
export async function makeExampleWorld(): Promise<Record<string, unknown>> {
  const { parseAddr } = await import("../../src/addr/index.js");
  const { openRandom } = await import("../../src/base/index.js");
  const { Cluster } = await import("../../src/cluster/index.js");
  const { ClusterBackend } = await import("../../src/kubectl/index.js");
  const { createSkb } = await import("../../src/netfilter/index.js");
  const { loadManifests } = await import("../../src/objects/index.js");
  const { ClusterDns, startSimulation } = await import("../../src/simulation/index.js");
  const { makePacket, tcpSyn } = await import("../../src/wire/index.js");
  const objects = loadManifests([{ file: "shop.yaml", text }]).objects.map((o) => o.object);
  const cluster = Cluster.create().apply(objects);
  const sim = startSimulation(cluster, { seed: "examples" });
  const netns = sim.fabric.netns("node-1");
  const [src, dst] = [parseAddr("10.244.0.2"), parseAddr("10.244.1.2")];
  const payload = tcpSyn({ sport: 40_000, dport: 80 });
  return {
    text,
    objects,
    cluster,
    netns,
    src,
    dst,
    config: netns.stack.config,
    fib: netns.stack.fib,
    trace: sim.exec("pod-a", "curl http://pod-b-service").trace.traces[0],
    skb: createSkb(makePacket({ src, dst, payload }), { iif: "cni0", oif: "eth0" }),
    options: {
      questions: {},
      nowUs: () => 0,
      random: (purpose: string) => openRandom("examples", purpose),
      sysctl: () => undefined,
    },
    backend: new ClusterBackend(cluster),
    dns: new ClusterDns(
      { namespaces: [], services: [], endpointSlices: [] },
      { zone: "cluster.local." },
    ),
    recording: { name: "none", namespaces: {}, veths: [], listeners: [], probes: [] },
  };
}
