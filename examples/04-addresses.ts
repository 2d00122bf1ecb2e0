/** The allocators alone: pure functions from a state and a request to a state and an answer. */
import { parsePrefix } from "kubewire/addr";
import { openRandom } from "kubewire/base";
import {
  addLease,
  allocateCidr,
  createCidrSet,
  createServiceAddrs,
  NO_LEASES,
  readConfig,
  takeAnyServiceAddr,
} from "kubewire/ipam";

// A cluster CIDR is carved into one block per node.
let blocks = createCidrSet(parsePrefix("10.244.0.0/16"), 24);
for (const node of ["node-1", "node-2"]) {
  const { set, cidr } = allocateCidr(blocks);
  blocks = set;
  console.log(`${node} gets ${cidr}`);
}

// Each node gives its pods addresses as the host-local plugin does.
const config = readConfig({
  cniVersion: "1.0.0",
  name: "pods",
  ipam: { type: "host-local", subnet: "10.244.0.0/29" },
});
let leases = NO_LEASES;
for (let n = 1; n <= 6; n++) {
  const outcome = addLease(leases, config, { containerId: `pod-${n}`, ifname: "eth0" });
  leases = outcome.leases;
  console.log(`pod-${n}: ${outcome.refusal?.message ?? outcome.ips?.[0]?.address}`);
}

// A Service without an address of its own is given one at random, from the upper band.
const services = createServiceAddrs(parsePrefix("10.96.0.0/16"));
console.log(`web gets ${takeAnyServiceAddr(services, openRandom("lesson-1", "services")).addr}`);
