/**
 * kubewire: the Kubernetes network, in memory, packet by packet.
 *
 * Start with `Cluster.create()`. Every floor below has a door of its own: `kubewire/ipam`,
 * `kubewire/netfilter`, …
 */
export { InputError, InvariantError, RefusedError, UnsupportedError } from "./base/index.js";
export type { ClusterOptions, ProxyMode, ProxyOptions } from "./cluster/index.js";
export type { NetnsConfig } from "./netns/index.js";
export type { ExecResult, SimulationOptions, Story } from "./simulation/index.js";
export type { Fate, Hop, Step, Trace, TraceLevel } from "./trace/index.js";
export { printTrace, traceToJson } from "./trace/index.js";
export {
  Cluster,
  giveLesson,
  type KubectlAnswer,
  type LessonOptions,
  type LessonStep,
  LiveCluster,
  type Manifests,
} from "./workbench/index.js";
