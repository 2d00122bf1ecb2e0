/** Why can't A reach B? Three Services that do not work, and what the packets say. */
import { Cluster } from "kubewire";

const cluster = Cluster.create({ nodes: 2 }).apply(`
apiVersion: v1
kind: Pod
metadata: { name: client }
spec: { containers: [{ name: client, image: curlimages/curl }] }
---
apiVersion: v1
kind: Pod
metadata: { name: web, labels: { app: web } }
spec: { containers: [{ name: web, image: nginx, ports: [{ containerPort: 80 }] }] }
---
apiVersion: v1
kind: Service
metadata: { name: wrong-selector }
spec: { selector: { app: wbe }, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Service
metadata: { name: wrong-port }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }
---
apiVersion: v1
kind: Service
metadata: { name: local-only }
spec: { selector: { app: web }, ports: [{ port: 80 }], internalTrafficPolicy: Local }
`);

const sim = cluster.start({ seed: "why-not" });
for (const name of ["wrong-selector", "wrong-port", "local-only"]) {
  const { exitCode, stderr, trace } = sim.exec("client", `curl -m 2 http://${name}`);
  console.log(`http://${name}: exit ${exitCode}, ${stderr.trim()}`);
  for (const { fate } of trace) {
    if (fate.kind === "delivered" || fate.kind === "consumed") continue;
    const place = [fate.netns, fate.hook, fate.chain].filter((p) => p !== undefined).join(", ");
    console.log(`  ${fate.kind} in ${place}${fate.rule === undefined ? "" : `: ${fate.rule}`}`);
  }
}
