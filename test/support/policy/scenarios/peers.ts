/** Scenarios about who may talk: targets, rules as a whole, one peer, two peers. */
import { oneWay, policy, type Scenario, SIDES, withPolicies } from "./scenario.js";

const byPod = { matchLabels: { pod: "b" } };
const byNamespace = { matchExpressions: [{ key: "ns", operator: "In", values: ["y", "z"] }] };

/** Selectors of a peer: missing, empty, by label; a peer without any is none. */
const SELECTORS = [
  ["no", undefined],
  ["all", {}],
  ["some", "by label"],
] as const;

function selected(pods: unknown, namespaces: unknown): object {
  return {
    ...(pods === undefined ? {} : { podSelector: pods === "by label" ? byPod : pods }),
    ...(namespaces === undefined
      ? {}
      : { namespaceSelector: namespaces === "by label" ? byNamespace : namespaces }),
  };
}

/** Every form of a peer, by name. */
export const PEERS: readonly (readonly [string, object])[] = [
  ...SELECTORS.flatMap(([podWord, pods]) =>
    SELECTORS.filter(([word]) => podWord !== "no" || word !== "no").map(
      ([word, namespaces]) =>
        [`${podWord} pods, ${word} namespaces`, selected(pods, namespaces)] as const,
    ),
  ),
  ["a block", { ipBlock: { cidr: "192.0.2.64/26" } }],
  ["a block with a hole", { ipBlock: { cidr: "192.0.2.0/24", except: ["192.0.2.128/26"] } }],
];

/** Whom a policy selects. */
export function targets(): Scenario[] {
  const selectors = [
    {},
    { matchLabels: { pod: "a" } },
    { matchExpressions: [{ key: "pod", operator: "In", values: ["a", "b"] }] },
    { matchExpressions: [{ key: "pod", operator: "NotIn", values: ["a"] }] },
    { matchExpressions: [{ key: "pod", operator: "Exists" }] },
    { matchExpressions: [{ key: "other", operator: "DoesNotExist" }] },
    { matchLabels: { pod: "nobody" } },
  ];
  return ["x", "y"].flatMap((namespace) =>
    selectors.map((podSelector) => {
      const step = withPolicies(policy("target", { podSelector }, namespace));
      const name = `${namespace}: ${JSON.stringify(podSelector)}`;
      return { topic: "target", name, steps: [step] } as const;
    }),
  );
}

/** Whole directions: no rule, an empty rule, a rule with empty lists. */
export function rules(): Scenario[] {
  const forms: readonly (readonly [string, readonly object[] | undefined])[] = [
    ["no list of rules", undefined],
    ["an empty list of rules", []],
    ["an empty rule", [{}]],
    ["an empty list of ports", [{ ports: [] }]],
  ];
  const single = SIDES.flatMap((side) =>
    forms.map(([form, list]) => {
      const spec = { policyTypes: [side.type], ...(list && { [side.direction]: list }) };
      const step = withPolicies(policy("rule", spec));
      return { topic: "rule", name: `${side.direction}: ${form}`, steps: [step] } as const;
    }),
  );
  const both = { policyTypes: ["Ingress", "Egress"] };
  const untyped = { egress: [{}] };
  return [
    ...single,
    { topic: "rule", name: "both directions", steps: [withPolicies(policy("rule", both))] },
    { topic: "rule", name: "types missing", steps: [withPolicies(policy("rule", untyped))] },
  ];
}

/** One peer of each form, in both directions. */
export function onePeer(): Scenario[] {
  return SIDES.flatMap((side) =>
    PEERS.map(([word, peer]) => {
      const step = withPolicies(oneWay(side, [{ [side.peers]: [peer] }]));
      return { topic: "peer", name: `${side.direction}: ${word}`, steps: [step] } as const;
    }),
  );
}

/** Two peers of different forms in one rule. */
export function twoPeers(): Scenario[] {
  return SIDES.flatMap((side) =>
    PEERS.flatMap(([first, a], i) =>
      PEERS.slice(i + 1).map(([second, b]) => {
        const step = withPolicies(oneWay(side, [{ [side.peers]: [a, b] }]));
        const name = `${side.direction}: ${first} or ${second}`;
        return { topic: "two peers", name, steps: [step] } as const;
      }),
    ),
  );
}
