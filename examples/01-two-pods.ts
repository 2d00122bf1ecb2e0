/** Two pods on two nodes, a Service, and every packet between them. */
import { Cluster } from "kubewire";

const cluster = Cluster.create({ nodes: 2, network: "vxlan", proxy: "iptables" })
  .kubectl("run pod-a --image=nginx --restart=Never")
  .kubectl("run pod-b --image=nginx --restart=Never")
  .kubectl("expose pod pod-b --type=ClusterIP --name=pod-b-service --port=80 --target-port=80");

const sim = cluster.start({ seed: "lesson-1" });
console.log(sim.kubectl("get pods -o wide").stdout);

const reply = sim.exec("pod-a", "curl http://pod-b-service");
console.log(reply.stdout);
console.log(reply.trace.print({ level: "hops" }));
