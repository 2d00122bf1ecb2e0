/** kube-proxy's ipvs mode: a Service is a virtual server in the kernel, and its address the node's own. */
import { Cluster } from "kubewire";

const pod = (name: string, node: string) => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, labels: { app: ${name.split("-")[0]} } }
spec:
  nodeName: ${node}
  containers: [{ name: main, image: nginx, ports: [{ containerPort: 80 }] }]`;

const sim = Cluster.create({ nodes: 2, proxy: "ipvs" })
  .apply(`${[pod("web-0", "node-1"), pod("web-1", "node-2"), pod("client", "node-1")].join("\n---")}
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  clusterIP: 10.96.0.80
  selector: { app: web }
  ports: [{ port: 80 }]
`)
  .start({ seed: "ipvs" });

/** What a command on node-1 prints, without the lines of other Services. */
function show(command: string, about: (line: string) => boolean = () => true): void {
  const lines = sim.node("node-1").sh(command).split("\n").filter(about);
  console.log(`node-1 # ${command}\n${lines.join("\n").trimEnd()}\n`);
}

const podIPs = ["web-0", "web-1"].map(
  (name) => sim.cluster.get("Pod", "default", name)?.status?.podIP,
);
const isOfWeb = (line: string) =>
  ["10.96.0.80:80", ...podIPs.map((ip) => `${ip}:80`)].some((end) => line.includes(end));

/** Says which real server IPVS gave a request, and where the packet arrived. */
function ask(who: string, request: () => ReturnType<typeof sim.exec>): void {
  const { exitCode, trace } = request();
  const first = trace.traces[0];
  const step = first?.hops.flatMap(({ steps }) => steps).find(({ kind }) => kind === "ipvs");
  const real = step?.kind === "ipvs" ? `${step.virtual.addr} is given to ${step.real.addr}` : "-";
  console.log(`${who}: curl exits ${exitCode}; ${real}, in ${first?.fate.netns}`);
}

// The address of every Service is set on kube-ipvs0, so that packets to it come up to the node itself.
show("ip -br addr show kube-ipvs0");
show("ipvsadm -Ln", isOfWeb);

// Requests take turns (rr), whoever asks: a pod's packets meet IPVS at LOCAL_IN, the node's at LOCAL_OUT.
const fromPod = () => sim.exec("client", "curl -s http://10.96.0.80");
const fromNode = () => sim.node("node-1").exec("curl -s http://10.96.0.80");
for (const n of [1, 2]) ask(`pod client, request ${n}`, fromPod);
for (const n of [1, 2]) ask(`node-1, request ${n}`, fromNode);
show("ipvsadm -Lnc", (line) => !line.startsWith("UDP"));

// A pod goes: while connections lead to it, its real server stays with weight 0 and gets no new ones.
sim.update(sim.cluster.delete("Pod", "default", "web-1"));
show("ipvsadm -Ln", isOfWeb);
for (const n of [3, 4]) ask(`pod client, request ${n}`, fromPod);

// Closed connections are remembered for two minutes, and kube-proxy looks once a minute.
sim.advance(240_000_000);
show("ipvsadm -Ln", isOfWeb);
