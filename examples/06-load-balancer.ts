/** From outside, through a load balancer: who gets the traffic, and whose address do pods see? */
import { Cluster, type Trace } from "kubewire";

const pods = ["node-1", "node-2", "node-2", "node-2"].map(
  (node, n) => `
apiVersion: v1
kind: Pod
metadata: { name: web-${n}, labels: { app: web } }
spec:
  nodeName: ${node}
  containers: [{ name: web, image: nginx, ports: [{ containerPort: 80 }] }]`,
);

/** One pod on node-1, three on node-2, none on node-3, behind one address outside. */
function makeShop(policy: "Cluster" | "Local", ipMode: "VIP" | "Proxy") {
  return Cluster.create({ nodes: 3, loadBalancer: { ipMode } }).apply(`${pods.join("\n---")}
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  type: LoadBalancer
  externalTrafficPolicy: ${policy}
  ${policy === "Local" ? "healthCheckNodePort: 32000" : ""}
  selector: { app: web }
  ports: [{ port: 80, nodePort: 30080 }]
`);
}

/** The source address with which a connection's first packet came to a pod. */
function sourceAt({ hops }: Trace): string {
  const steps = hops.at(-1)?.steps ?? [];
  const sources = steps.flatMap((step) => {
    if (step.kind !== "receive" || "kind" in step.frame.payload) return [];
    return [String(step.frame.payload.src)];
  });
  return sources[0] ?? "?";
}

const CALLS = 80;
for (const policy of ["Cluster", "Local"] as const) {
  for (const ipMode of ["VIP", "Proxy"] as const) {
    const sim = makeShop(policy, ipMode).start({ seed: "shop" });
    const served = new Map<string, number>();
    const sources = new Set<string>();
    for (let n = 0; n < CALLS; n++) {
      const { trace } = sim.host("external").exec("curl -s http://203.0.113.1");
      const first = trace.traces.find(({ fate }) => fate.netns.startsWith("default/web-"));
      if (first === undefined) continue;
      const pod = first.fate.netns.slice("default/".length);
      served.set(pod, (served.get(pod) ?? 0) + 1);
      sources.add(sourceAt(first));
    }
    const shares = [...served].sort(([a], [b]) => (a < b ? -1 : 1));
    console.log(`externalTrafficPolicy: ${policy}, ipMode: ${ipMode}`);
    for (const [pod, count] of shares) {
      console.log(`  ${pod}  ${String(Math.round((100 * count) / CALLS)).padStart(2)} %`);
    }
    console.log(`  pods see ${[...sources].sort().join(", ")}`);
  }
}

// Where the load balancer learns which nodes to use.
const sim = makeShop("Local", "VIP").start({ seed: "shop" });
for (const node of [1, 2, 3]) {
  const url = `http://192.168.0.1${node}:32000`;
  const { stdout } = sim.host("external").exec(`curl -s -i ${url}`);
  const [status = ""] = stdout.split("\r\n");
  const count = /"localEndpoints": \d+/.exec(stdout)?.[0] ?? "";
  console.log(`node-${node}: ${status}, ${count}`);
}

// From inside the cluster, kube-proxy answers for a VIP itself; a proxy's address is left to the proxy.
for (const ipMode of ["VIP", "Proxy"] as const) {
  const inside = makeShop("Local", ipMode).start({ seed: "shop" });
  const { trace } = inside.exec("web-0", "curl -s http://203.0.113.1");
  const way = trace.traces[0]?.hops.map((hop) => hop.netns).join(" > ");
  console.log(`from a pod, ipMode ${ipMode}: ${way}`);
}
