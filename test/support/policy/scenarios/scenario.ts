/**
 * Scenarios as data: a cluster of three namespaces with three pods each, and policies that try one thing
 * each, as the suites for policy engines do. A scenario has one step, or several where something
 * changes on the way.
 */

/** A pod: `x/a` at an address, with labels. Every pod serves ports 80 and 81 of all protocols. */
export interface ScenarioPod {
  readonly namespace: string;
  readonly name: string;
  readonly ip: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The state of the cluster at one moment. */
export interface Step {
  readonly namespaces: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly pods: readonly ScenarioPod[];
  readonly policies: readonly object[];
}

/** What a scenario is about. */
export type Topic =
  | "target"
  | "rule"
  | "peer"
  | "two peers"
  | "port"
  | "two ports"
  | "conflict"
  | "namespace"
  | "action"
  | "example";

/** One scenario. */
export interface Scenario {
  readonly topic: Topic;
  readonly name: string;
  readonly steps: readonly Step[];
}

/** Both directions, with the names that their fields have. */
export const SIDES = [
  { direction: "ingress", type: "Ingress", peers: "from" },
  { direction: "egress", type: "Egress", peers: "to" },
] as const;

/** A direction. */
export type Side = (typeof SIDES)[number];

const NAMES = ["x", "y", "z"];
const PODS = ["a", "b", "c"];

/** The cluster before anything is changed. */
export const CLUSTER: Step = {
  namespaces: Object.fromEntries(NAMES.map((name) => [name, { ns: name }])),
  pods: NAMES.flatMap((namespace, i) =>
    PODS.map((name, j) => ({
      namespace,
      name,
      ip: `192.0.2.${64 * i + j + 1}`,
      labels: { pod: name },
    })),
  ),
  policies: [],
};

/** The cluster with some policies. */
export function withPolicies(...policies: readonly object[]): Step {
  return { ...CLUSTER, policies };
}

/** A NetworkPolicy of namespace `x` for its pod `a`, unless told otherwise. */
export function policy(name: string, spec: object, namespace = "x"): object {
  const podSelector = { matchLabels: { pod: "a" } };
  return { metadata: { name, namespace }, spec: { podSelector, ...spec } };
}

/** A policy of one direction with some rules. */
export function oneWay(side: Side, rules: readonly object[], name = "policy"): object {
  return policy(name, { policyTypes: [side.type], [side.direction]: rules });
}
