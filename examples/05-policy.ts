/** A policy in a cluster: who may call, what a dropped packet met, and why. */
import { Cluster, printTrace } from "kubewire";

const policy = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: friends-only }
spec:
  podSelector: { matchLabels: { run: web } }
  ingress:
    - from: [{ podSelector: { matchLabels: { run: friend } } }]
      ports: [{ port: 80 }]
`;

const cluster = Cluster.create({ nodes: 2, policyAgent: "iptables" })
  .kubectl("run web --image=nginx --restart=Never")
  .kubectl("run friend --image=nginx --restart=Never")
  .kubectl("run foe --image=nginx --restart=Never")
  .kubectl("expose pod web --port=80")
  .apply([{ file: "policy.yaml", text: policy }]);

const sim = cluster.start({ seed: "policy" });
for (const who of ["friend", "foe"]) {
  const reply = sim.exec(who, "curl -sS -m 1 -o /dev/null http://web");
  console.log(`${who}: exit ${reply.exitCode} ${reply.stderr.trim()}`);
  const dropped = reply.trace.traces.find((trace) => trace.fate.kind === "dropped");
  if (dropped !== undefined) console.log(printTrace(dropped));
}
const node = cluster.get("Pod", "default", "web")?.spec.nodeName ?? "";
console.log(sim.node(node).sh("ipset save"));
