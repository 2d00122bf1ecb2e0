/**
 * kubewire: the Kubernetes network, in memory, packet by packet.
 *
 * Start with `Cluster.create()`. Every floor below has a door of its own: `kubewire/ipam`,
 * `kubewire/netfilter`, …
 */
export { Cluster, type ClusterOptions } from "./cluster/index.js";
export { startSimulation, type Simulation } from "./simulation/index.js";
