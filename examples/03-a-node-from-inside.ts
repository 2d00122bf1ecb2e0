/** What a node's kernel is configured with, as its own tools would show it. */
import { Cluster } from "kubewire";

const sim = Cluster.create({ nodes: 2 })
  .kubectl("create deployment web --image=nginx --replicas=2")
  .kubectl("expose deployment web --port=80")
  .start({ seed: "inside" });

const node = sim.node("node-1");
for (const command of ["ip -br addr", "ip route", "bridge fdb", "iptables-save -t nat"]) {
  console.log(`node-1 # ${command}\n${node.sh(command)}`);
}
sim.exec(sim.cluster.list("Pod", "default")[0]?.metadata.name ?? "", "curl http://web");
console.log(`node-1 # conntrack -L -p tcp\n${node.sh("conntrack -L -p tcp")}`);
