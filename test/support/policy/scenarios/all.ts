/** All scenarios, and a way to run them. */
import {
  type Court,
  openCourt,
  servedPorts,
  toRawNamespaces,
  toRawPod,
} from "../../../conformance/netpol/cluster.js";
import { actions, conflicts, examples, namespaces } from "./changes.js";
import { onePeer, rules, targets, twoPeers } from "./peers.js";
import { onePort, twoPorts } from "./ports.js";
import type { Scenario, Step } from "./scenario.js";

/** Every scenario, topic by topic. */
export const SCENARIOS: readonly Scenario[] = [
  ...targets(),
  ...rules(),
  ...onePeer(),
  ...twoPeers(),
  ...onePort(),
  ...twoPorts(),
  ...conflicts(),
  ...namespaces(),
  ...actions(),
  ...examples(),
];

const SERVED = servedPorts([80, 81], ["TCP", "UDP", "SCTP"]);

/** The judge of a moment, and the kernels with its rules unless only the judge is wanted. */
export function openStep(step: Step, judgeOnly = false): Court {
  const pods = step.pods.map((pod) => toRawPod({ ...pod, ports: SERVED }));
  const cluster = { namespaces: toRawNamespaces(step.namespaces), pods };
  return openCourt({ ...cluster, policies: step.policies as never }, { judgeOnly });
}
