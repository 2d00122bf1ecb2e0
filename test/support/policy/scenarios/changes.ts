/** Scenarios of several policies or several moments: conflicts, namespaces, actions, examples. */
import {
  CLUSTER,
  oneWay,
  policy,
  type Scenario,
  SIDES,
  type Step,
  withPolicies,
} from "./scenario.js";

const everywhere = { namespaceSelector: {} };
const everyAddr = { ipBlock: { cidr: "0.0.0.0/0" } };

/** Rules that allow everything, or nothing, in several forms. */
const WAYS: readonly (readonly [string, (peers: string) => readonly object[]])[] = [
  ["nothing", () => []],
  ["everything", () => [{}]],
  ["every pod", (peers) => [{ [peers]: [everywhere] }]],
  ["every address", (peers) => [{ [peers]: [everyAddr] }]],
  ["no pod", (peers) => [{ [peers]: [{ podSelector: { matchLabels: { pod: "nobody" } } }] }]],
];

/** Two policies for the same pod, of which one allows more. */
export function conflicts(): Scenario[] {
  const same = SIDES.flatMap((side) =>
    WAYS.flatMap(([first, a], i) =>
      WAYS.slice(i + 1).map(([second, b]) => {
        const policies = [a, b].map((way, k) => oneWay(side, way(side.peers), `policy-${k}`));
        const name = `${side.direction}: ${first} and ${second}`;
        return { topic: "conflict", name, steps: [withPolicies(...policies)] } as const;
      }),
    ),
  );
  const out = policy("out", { policyTypes: ["Egress"], egress: [{}] });
  const closed = policy("in", { podSelector: {}, policyTypes: ["Ingress"] }, "y");
  const steps = [withPolicies(out, closed)];
  return [...same, { topic: "conflict", name: "everything out, nothing in", steps }];
}

/** Namespaces by labels, by their names, and by operators. */
export function namespaces(): Scenario[] {
  const selectors = [
    { matchLabels: { "kubernetes.io/metadata.name": "y" } },
    { matchExpressions: [{ key: "ns", operator: "NotIn", values: ["y"] }] },
    { matchExpressions: [{ key: "ns", operator: "Exists" }] },
    { matchExpressions: [{ key: "ns", operator: "DoesNotExist" }] },
    { matchExpressions: [{ key: "other", operator: "NotIn", values: ["y"] }] },
  ];
  return SIDES.flatMap((side) =>
    selectors.map((namespaceSelector) => {
      const step = withPolicies(oneWay(side, [{ [side.peers]: [{ namespaceSelector }] }]));
      const name = `${side.direction}: ${JSON.stringify(namespaceSelector)}`;
      return { topic: "namespace", name, steps: [step] } as const;
    }),
  );
}

const fromLabel = oneWay(SIDES[0], [
  {
    from: [
      {
        namespaceSelector: { matchLabels: { team: "blue" } },
        podSelector: { matchLabels: { role: "friend" } },
      },
    ],
  },
]);

function relabel(step: Step, id: string, labels: Record<string, string>): Step {
  const pods = step.pods.map((pod) =>
    `${pod.namespace}/${pod.name}` === id ? { ...pod, labels: { ...pod.labels, ...labels } } : pod,
  );
  return { ...step, pods };
}

/** Things that happen: policies, namespaces and pods come, change and go. */
export function actions(): Scenario[] {
  const closed = withPolicies(policy("closed", {}));
  const opened = withPolicies(policy("closed", { ingress: [{}] }));
  const labelled = { ...CLUSTER, policies: [fromLabel] };
  const blue = { ...labelled, namespaces: { ...CLUSTER.namespaces, y: { ns: "y", team: "blue" } } };
  const friend = relabel(blue, "y/b", { role: "friend" });
  const bigger = { namespaces: { ...blue.namespaces, w: { team: "blue" } } };
  const newcomer = { namespace: "w", name: "d", ip: "192.0.2.200", labels: { role: "friend" } };
  const grown = { ...blue, ...bigger, pods: [...CLUSTER.pods, newcomer] };
  const shrunk = { ...labelled, pods: CLUSTER.pods.filter((pod) => pod.namespace !== "z") };
  const steps: readonly (readonly [string, readonly Step[]])[] = [
    ["a policy comes and goes", [closed, CLUSTER]],
    ["a policy changes", [closed, opened, closed]],
    ["a namespace is labelled", [labelled, blue]],
    ["a pod is labelled, and again", [blue, friend, relabel(friend, "y/b", { role: "foe" })]],
    ["a target is labelled away", [closed, relabel(closed, "x/a", { pod: "other" })]],
    ["a namespace with a pod comes and goes", [blue, grown, blue]],
    ["the pods of a namespace go", [labelled, shrunk]],
  ];
  return steps.map(([name, list]) => ({ topic: "action", name, steps: list }));
}

/** Policies as people write them. */
export function examples(): Scenario[] {
  const all = { podSelector: {} };
  const dns = { ports: [{ protocol: "UDP", port: 80 }], to: [{ namespaceSelector: {} }] };
  const list: readonly (readonly [string, readonly object[]])[] = [
    ["default deny in", [policy("d", { ...all, policyTypes: ["Ingress"] })]],
    ["default deny out", [policy("d", { ...all, policyTypes: ["Egress"] })]],
    ["default deny", [policy("d", { ...all, policyTypes: ["Ingress", "Egress"] })]],
    ["allow all in", [policy("d", { ...all, ingress: [{}] })]],
    [
      "only the own namespace",
      [policy("d", { ...all, ingress: [{ from: [{ podSelector: {} }] }] })],
    ],
    ["one port from everywhere", [policy("d", { ingress: [{ ports: [{ port: 80 }] }] })]],
    ["name lookups only", [policy("d", { ...all, policyTypes: ["Egress"], egress: [dns] })]],
    [
      "denied, but for one application",
      [
        policy("d", { ...all, policyTypes: ["Ingress"] }),
        policy("a", { ingress: [{ from: [{ podSelector: { matchLabels: { pod: "b" } } }] }] }),
      ],
    ],
    [
      "both directions in one policy",
      [
        policy("d", {
          policyTypes: ["Ingress", "Egress"],
          ingress: [{ from: [{ podSelector: {} }] }],
          egress: [
            { to: [{ namespaceSelector: { matchLabels: { ns: "y" } } }], ports: [{ port: 80 }] },
          ],
        }),
      ],
    ],
  ];
  return list.map(([name, policies]) => ({
    topic: "example",
    name,
    steps: [withPolicies(...policies)],
  }));
}
