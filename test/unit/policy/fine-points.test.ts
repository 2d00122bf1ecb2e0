/**
 * The fine points of what policies mean, each with the field or page that says so. Kubernetes: v1.35
 * staging/src/k8s.io/api/networking/v1/types.go (`np`) and concepts/services-networking/network-policies
 * (`docs`). network-policy-api: v0.1.8 apis/v1alpha1 (`anp`), v0.2 apis/v1alpha2 (`cnp`).
 */
import { describe, expect, it } from "vitest";
import { parseAddr } from "../../../src/addr/index.js";
import type { Namespace } from "../../../src/objects/index.js";
import { Judge, membersOf, readPolicies } from "../../../src/policy/index.js";
import {
  adminPolicy,
  askShop,
  clusterPolicy,
  judgeOf,
  networkPolicy,
  PODS,
  podOf,
  readOne,
} from "../../support/policy/cluster.js";

const client = { podSelector: { matchLabels: { app: "client" } } };
const web = { podSelector: { matchLabels: { app: "web" } } };
const everyPod = { namespaces: {} };

function baselinePolicy(spec: object): object {
  const subject = { namespaces: {} };
  const kind = "BaselineAdminNetworkPolicy";
  const apiVersion = "policy.networking.k8s.io/v1alpha1";
  return { apiVersion, kind, metadata: { name: "default" }, spec: { subject, ...spec } };
}

const pods = (namespace: object, podSelector: object) => ({
  pods: { namespaceSelector: namespace, podSelector },
});

/** Who says so, what it is, the policies, a question, and its answer. */
type Row = readonly [string, string, readonly object[], string, boolean];

const EMPTY: readonly Row[] = [
  [
    "np spec.podSelector",
    "an empty selector is every pod of the namespace",
    [networkPolicy("d", {})],
    "shop/client > shop/db TCP/1",
    false,
  ],
  [
    "np spec.podSelector",
    "a missing selector is, too",
    [networkPolicy("d", { podSelector: undefined })],
    "shop/client > shop/db TCP/1",
    false,
  ],
  [
    "np spec.ingress",
    "a missing list allows nothing",
    [networkPolicy("d", { policyTypes: ["Ingress"] })],
    "shop/client > shop/web TCP/80",
    false,
  ],
  [
    "np spec.ingress",
    "an empty list allows nothing",
    [networkPolicy("d", { policyTypes: ["Ingress"], ingress: [] })],
    "shop/client > shop/web TCP/80",
    false,
  ],
  [
    "np ingress[].from",
    "a missing list is everybody",
    [networkPolicy("d", { ingress: [{ ports: [{ port: 80 }] }] })],
    "8.8.8.8 > shop/web TCP/80",
    true,
  ],
  [
    "np ingress[].from",
    "an empty list is everybody",
    [networkPolicy("d", { ingress: [{ from: [] }] })],
    "8.8.8.8 > shop/web TCP/80",
    true,
  ],
  [
    "np ingress[].ports",
    "a missing list is every port",
    [networkPolicy("d", { ingress: [{ from: [client] }] })],
    "shop/client > shop/web SCTP/9",
    true,
  ],
  [
    "np ingress[].ports",
    "an empty list is every port",
    [networkPolicy("d", { ingress: [{ from: [client], ports: [] }] })],
    "shop/client > shop/web UDP/9",
    true,
  ],
  [
    "np ports[].port",
    "a missing port is every port of the protocol",
    [networkPolicy("d", { ingress: [{ ports: [{ protocol: "UDP" }] }] })],
    "shop/client > shop/web UDP/9",
    true,
  ],
  [
    "np ports[].port",
    "and of no other protocol",
    [networkPolicy("d", { ingress: [{ ports: [{ protocol: "UDP" }] }] })],
    "shop/client > shop/web TCP/9",
    false,
  ],
  [
    "np ports[].protocol",
    "a missing protocol is TCP",
    [networkPolicy("d", { ingress: [{ ports: [{ port: 53 }] }] })],
    "shop/client > shop/web UDP/53",
    false,
  ],
  [
    "np peer.podSelector",
    "an empty one is every pod of the own namespace",
    [networkPolicy("d", { ingress: [{ from: [{ podSelector: {} }] }] })],
    "other/client > shop/web TCP/80",
    false,
  ],
  [
    "np peer.namespaceSelector",
    "an empty one is every namespace",
    [networkPolicy("d", { ingress: [{ from: [{ namespaceSelector: {} }] }] })],
    "other/client > shop/web TCP/80",
    true,
  ],
  [
    "np egress[].to",
    "a missing list is everybody",
    [networkPolicy("d", { egress: [{}] })],
    "shop/client > 8.8.8.8 UDP/53",
    true,
  ],
];

const TYPES: readonly Row[] = [
  [
    "np spec.policyTypes",
    "missing, without egress rules: ingress only",
    [networkPolicy("d", {})],
    "shop/client > 8.8.8.8 TCP/80",
    true,
  ],
  [
    "np spec.policyTypes",
    "missing, with egress rules: both",
    [networkPolicy("d", { egress: [{}] })],
    "8.8.8.8 > shop/web TCP/80",
    false,
  ],
  [
    "np spec.policyTypes",
    "missing, with an empty egress list: ingress only",
    [networkPolicy("d", { egress: [] })],
    "shop/client > 8.8.8.8 TCP/80",
    true,
  ],
  [
    "np spec.policyTypes",
    "empty is as missing",
    [networkPolicy("d", { policyTypes: [], egress: [{}] })],
    "8.8.8.8 > shop/web TCP/80",
    false,
  ],
  [
    "np spec.policyTypes",
    "egress alone leaves ingress open",
    [networkPolicy("d", { policyTypes: ["Egress"] })],
    "8.8.8.8 > shop/web TCP/80",
    true,
  ],
  [
    "np spec.policyTypes",
    "egress alone, without rules, denies all",
    [networkPolicy("d", { policyTypes: ["Egress"] })],
    "shop/web > 8.8.8.8 TCP/80",
    false,
  ],
];

const PORTS: readonly Row[] = [
  [
    "np ports[].port",
    "a name is the destination's own port",
    [networkPolicy("d", { policyTypes: ["Egress"], egress: [{ ports: [{ port: "http" }] }] })],
    "shop/client > shop/web TCP/8080",
    true,
  ],
  [
    "np ports[].port",
    "which another destination need not have",
    [networkPolicy("d", { policyTypes: ["Egress"], egress: [{ ports: [{ port: "http" }] }] })],
    "shop/client > other/client TCP/8080",
    false,
  ],
  [
    "np ports[].port",
    "of the same protocol",
    [networkPolicy("d", { ...web, ingress: [{ ports: [{ protocol: "UDP", port: "http" }] }] })],
    "shop/client > shop/web UDP/8080",
    false,
  ],
  [
    "np ports[].endPort",
    "the last port is in",
    [networkPolicy("d", { ...web, ingress: [{ ports: [{ port: 80, endPort: 90 }] }] })],
    "shop/client > shop/web TCP/90",
    true,
  ],
  [
    "np ports[].endPort",
    "the next is not",
    [networkPolicy("d", { ...web, ingress: [{ ports: [{ port: 80, endPort: 90 }] }] })],
    "shop/client > shop/web TCP/91",
    false,
  ],
  [
    "np ports[].protocol",
    "SCTP has ports of its own",
    [networkPolicy("d", { ...web, ingress: [{ ports: [{ protocol: "SCTP", port: 80 }] }] })],
    "shop/client > shop/web SCTP/80",
    true,
  ],
  [
    "docs, SCTP support",
    "a rule for SCTP isolates for TCP",
    [networkPolicy("d", { ...web, ingress: [{ ports: [{ protocol: "SCTP", port: 80 }] }] })],
    "shop/client > shop/web TCP/80",
    false,
  ],
];

const PLACES: readonly Row[] = [
  [
    "np spec.ingress, the pod's local node",
    "a node reaches its own pods",
    [networkPolicy("d", {})],
    "192.168.0.11 > shop/web TCP/80",
    true,
  ],
  [
    "np spec.ingress",
    "another node does not",
    [networkPolicy("d", {})],
    "192.168.0.12 > shop/web TCP/80",
    false,
  ],
  [
    "docs, what you can't do: loopback",
    "a pod reaches itself",
    [networkPolicy("d", { policyTypes: ["Ingress", "Egress"] })],
    "shop/web > shop/web TCP/80",
    true,
  ],
  [
    "docs, ipBlock: pod lifecycle",
    "an ended pod is nobody: its address is another's",
    [networkPolicy("d", { ingress: [{ from: [client] }] })],
    "10.244.0.2 > shop/web TCP/80",
    true,
  ],
  [
    "np ipBlock.cidr",
    "a block of IPv6 lets IPv6 in",
    [networkPolicy("d", { ingress: [{ from: [{ ipBlock: { cidr: "fd00::/64" } }] }] })],
    "fd00::2 > fd00::3 TCP/80",
    true,
  ],
  [
    "np ipBlock.cidr",
    "and no IPv4",
    [networkPolicy("d", { ingress: [{ from: [{ ipBlock: { cidr: "fd00::/64" } }] }] })],
    "shop/client > shop/web TCP/80",
    false,
  ],
  [
    "np peer.podSelector",
    "a selected pod is selected at each of its addresses",
    [networkPolicy("d", { ingress: [{ from: [client] }] })],
    "fd00::2 > fd00::3 TCP/80",
    true,
  ],
  [
    "docs, the two sorts of isolation",
    "both sides must allow",
    [
      networkPolicy("d", { ...client, policyTypes: ["Egress"] }),
      networkPolicy("a", { ...web, ingress: [{}] }),
    ],
    "shop/client > shop/web TCP/80",
    false,
  ],
];

const notIn = (key: string) => ({ matchExpressions: [{ key, operator: "NotIn", values: ["x"] }] });

const SELECTORS: readonly Row[] = [
  [
    "meta/v1 LabelSelectorRequirement, NotIn",
    "selects what lacks the label",
    [networkPolicy("d", { ingress: [{ from: [{ podSelector: notIn("missing") }] }] })],
    "shop/client > shop/web TCP/80",
    true,
  ],
  [
    "meta/v1 LabelSelectorRequirement, NotIn",
    "among namespaces, too",
    [networkPolicy("d", { ingress: [{ from: [{ namespaceSelector: notIn("missing") }] }] })],
    "other/client > shop/web TCP/80",
    true,
  ],
  [
    "meta/v1 LabelSelectorRequirement, NotIn",
    "as a subject",
    [networkPolicy("d", { podSelector: notIn("missing") })],
    "shop/client > shop/web TCP/80",
    false,
  ],
  [
    "docs, targeting a namespace by its name",
    "every namespace has its name as label",
    [
      networkPolicy("d", {
        ingress: [
          {
            from: [
              { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "other" } } },
            ],
          },
        ],
      }),
    ],
    "other/client > shop/web TCP/80",
    true,
  ],
  [
    "np peer",
    "two selectors in one item mean both",
    [
      networkPolicy("d", {
        ingress: [{ from: [{ ...client, namespaceSelector: { matchLabels: { team: "other" } } }] }],
      }),
    ],
    "shop/client > shop/web TCP/80",
    false,
  ],
  [
    "np ingress[].from",
    "two items mean either",
    [
      networkPolicy("d", {
        ingress: [{ from: [client, { namespaceSelector: { matchLabels: { team: "other" } } }] }],
      }),
    ],
    "shop/client > shop/web TCP/80",
    true,
  ],
];

const deny = (more: object = {}) => ({ action: "Deny", from: [everyPod], ...more });

const TIERS: readonly Row[] = [
  [
    "anp rule.action",
    "Allow overrules isolation",
    [
      networkPolicy("d", {}),
      adminPolicy("a", { ingress: [{ action: "Allow", from: [everyPod] }] }),
    ],
    "shop/client > shop/web TCP/80",
    true,
  ],
  [
    "anp rule.action",
    "Pass leaves the decision to NetworkPolicy",
    [networkPolicy("d", {}), adminPolicy("a", { ingress: [{ action: "Pass", from: [everyPod] }] })],
    "shop/client > shop/web TCP/80",
    false,
  ],
  [
    "anp rule.action",
    "Pass, and nobody isolates: the baseline decides",
    [
      baselinePolicy({ ingress: [deny()] }),
      adminPolicy("a", { ingress: [{ action: "Pass", from: [everyPod] }] }),
    ],
    "shop/client > shop/web TCP/80",
    false,
  ],
  [
    "anp spec.priority",
    "the lower number is asked first",
    [
      adminPolicy("a", { priority: 9, ingress: [deny()] }),
      adminPolicy("b", { priority: 2, ingress: [{ action: "Allow", from: [everyPod] }] }),
    ],
    "shop/client > shop/web TCP/80",
    true,
  ],
  [
    "anp spec.ingress",
    "within a policy the first rule that matches decides",
    [
      adminPolicy("a", {
        ingress: [
          { action: "Allow", from: [pods({}, { matchLabels: { app: "client" } })] },
          deny(),
        ],
      }),
    ],
    "shop/client > shop/web TCP/80",
    true,
  ],
  [
    "anp spec.ingress",
    "no rule for a direction does not affect it",
    [adminPolicy("a", { ingress: [deny()] })],
    "shop/client > 8.8.8.8 TCP/80",
    true,
  ],
  [
    "anp peers",
    "addresses outside are no pods",
    [adminPolicy("a", { ingress: [deny()] })],
    "8.8.8.8 > shop/web TCP/80",
    true,
  ],
  [
    "anp ports[].portNumber",
    "a number of a protocol",
    [
      adminPolicy("a", {
        ingress: [deny({ ports: [{ portNumber: { protocol: "UDP", port: 53 } }] })],
      }),
    ],
    "shop/client > shop/web UDP/53",
    false,
  ],
  [
    "anp ports[].portRange",
    "both ends are in",
    [
      adminPolicy("a", {
        ingress: [deny({ ports: [{ portRange: { protocol: "TCP", start: 80, end: 90 } }] })],
      }),
    ],
    "shop/client > shop/web TCP/90",
    false,
  ],
  [
    "anp ports[].namedPort",
    "the port of that name",
    [adminPolicy("a", { ingress: [deny({ ports: [{ namedPort: "http" }] })] })],
    "shop/client > shop/web TCP/8080",
    false,
  ],
  [
    "anp ports[].namedPort",
    "and no other",
    [adminPolicy("a", { ingress: [deny({ ports: [{ namedPort: "http" }] })] })],
    "shop/client > shop/web TCP/80",
    true,
  ],
  [
    "anp to[].networks",
    "match pods as well",
    [adminPolicy("a", { egress: [{ action: "Deny", to: [{ networks: ["10.244.0.0/16"] }] }] })],
    "shop/client > shop/web TCP/80",
    false,
  ],
  [
    "anp to[].nodes",
    "are the nodes' addresses",
    [adminPolicy("a", { egress: [{ action: "Deny", to: [{ nodes: {} }] }] })],
    "shop/client > 192.168.0.11 TCP/80",
    false,
  ],
  [
    "anp to[].nodes",
    "and not the pods on them",
    [adminPolicy("a", { egress: [{ action: "Deny", to: [{ nodes: {} }] }] })],
    "shop/client > shop/web TCP/80",
    true,
  ],
  [
    "anp subject.pods",
    "both selectors must match",
    [
      adminPolicy("a", {
        subject: pods({ matchLabels: { team: "other" } }, {}),
        ingress: [deny()],
      }),
    ],
    "shop/client > shop/web TCP/80",
    true,
  ],
  [
    "anp baseline",
    "is not asked about an isolated pod",
    [baselinePolicy({ ingress: [deny()] }), networkPolicy("a", { ingress: [{}] })],
    "shop/client > shop/web TCP/80",
    true,
  ],
  [
    "cnp rule.action",
    "Accept overrules isolation",
    [
      networkPolicy("d", {}),
      clusterPolicy("c", { ingress: [{ action: "Accept", from: [everyPod] }] }),
    ],
    "shop/client > shop/web TCP/80",
    true,
  ],
  [
    "cnp rule.action, egress",
    "Accept does not touch the other side",
    [
      networkPolicy("d", {}),
      clusterPolicy("c", { egress: [{ action: "Accept", to: [everyPod] }] }),
    ],
    "shop/client > shop/web TCP/80",
    false,
  ],
  [
    "cnp rule.action",
    "Pass in the baseline tier is the default: allowed",
    [
      clusterPolicy("p", {
        tier: "Baseline",
        priority: 1,
        ingress: [{ action: "Pass", from: [everyPod] }],
      }),
      clusterPolicy("d", { tier: "Baseline", priority: 2, ingress: [deny()] }),
    ],
    "shop/client > shop/web TCP/80",
    true,
  ],
  [
    "cnp spec.tier",
    "Admin is asked before Baseline, whatever the priorities",
    [
      clusterPolicy("b", { tier: "Baseline", priority: 0, ingress: [deny()] }),
      clusterPolicy("a", { priority: 1000, ingress: [{ action: "Accept", from: [everyPod] }] }),
    ],
    "shop/client > shop/web TCP/80",
    true,
  ],
  [
    "cnp protocols",
    "a protocol without a port is all of its ports",
    [
      clusterPolicy("c", {
        ingress: [
          deny({ protocols: [{ udp: { destinationPort: { range: { start: 1, end: 65535 } } } }] }),
        ],
      }),
    ],
    "shop/client > shop/web TCP/80",
    true,
  ],
  [
    "cnp protocols",
    "unspecified, every protocol matches",
    [clusterPolicy("c", { ingress: [deny()] })],
    "shop/client > shop/web ICMP/0",
    false,
  ],
  [
    "cnp protocols[].destinationNamedPort",
    "the port of that name",
    [clusterPolicy("c", { ingress: [deny({ protocols: [{ destinationNamedPort: "http" }] })] })],
    "shop/client > shop/web TCP/8080",
    false,
  ],
  [
    "cnp peers, unknown fields",
    "an unknown peer of Accept matches nobody",
    [networkPolicy("d", {}), clusterPolicy("c", { ingress: [{ action: "Accept", from: [{}] }] })],
    "shop/client > shop/web TCP/80",
    false,
  ],
  [
    "cnp peers, unknown fields",
    "an unknown peer of Pass denies",
    [clusterPolicy("c", { ingress: [{ action: "Pass", from: [{}] }] })],
    "shop/client > shop/web TCP/80",
    false,
  ],
];

const TABLES: readonly (readonly [string, readonly Row[]])[] = [
  ["empty and missing", EMPTY],
  ["policyTypes", TYPES],
  ["ports", PORTS],
  ["places and addresses", PLACES],
  ["selectors", SELECTORS],
  ["tiers", TIERS],
];

describe.each(TABLES)("%s", (_, rows) => {
  it.each(rows)("%s: %s", (__, ___, policies, question, allowed) => {
    const judge = judgeOf(policies);
    expect(askShop(judge, question).allowed).toBe(allowed);
  });
});

describe("pods on the host's network (docs, NetworkPolicy and hostNetwork pods)", () => {
  const host = podOf({
    id: "shop/host",
    ips: ["192.168.0.12"],
    labels: { app: "client" },
    spec: { hostNetwork: true, nodeName: "node-b" },
  });
  const namespaces = ["shop", "other"].map(
    (name) => readOne({ apiVersion: "v1", kind: "Namespace", metadata: { name } }) as Namespace,
  );
  const policies = readPolicies([
    { object: readOne(networkPolicy("a", { ...web, ingress: [{ from: [client] }] })) },
  ]);
  const flow = {
    src: parseAddr("192.168.0.12"),
    dst: parseAddr("10.244.0.3"),
    protocol: 6,
    port: 80,
  };

  it.each([
    ["node", false],
    ["pod", true],
  ] as const)("taken as %s, its labels count: %s", (hostNetworkPods, allowed) => {
    const all = [...PODS.filter((pod) => !pod.spec.hostNetwork), host];
    const members = membersOf({ namespaces, pods: all }, { hostNetworkPods });
    expect(new Judge({ members, policies }).judge(flow).allowed).toBe(allowed);
  });
});

describe("domain names (anp and cnp to[].domainNames)", () => {
  const policies = [
    adminPolicy("a", {
      egress: [
        { action: "Allow", to: [{ domainNames: ["*.example.com"] }] },
        { action: "Deny", to: [{ networks: ["0.0.0.0/0"] }] },
      ],
    }),
  ];
  const question = "shop/client > 203.0.113.9 TCP/443";

  it("match nothing until they are resolved, and the verdict says which mattered", () => {
    const { allowed, egress } = askShop(judgeOf(policies), question);
    expect([allowed, egress?.unresolved]).toEqual([false, ["*.example.com"]]);
  });

  it("match the addresses that a resolver knows, in the table too", () => {
    const judge = judgeOf(policies, {
      resolveDomain: (pattern, addr) => pattern === "*.example.com" && `${addr}` === "203.0.113.9",
    });
    expect(askShop(judge, question).egress).toMatchObject({ allowed: true, unresolved: [] });
    const [src, dst] = ["10.244.0.2", "203.0.113.9"].map(parseAddr) as [never, never];
    expect(judge.isAllowed({ src, dst, protocol: 6, port: 443 })).toBe(true);
  });
});

describe("why", () => {
  it("a denial by default names every policy that isolates the pod, with its line", () => {
    const origin = (line: number) => ({ kind: "NetworkPolicy", file: "shop.yaml", line });
    const policies = readPolicies([
      { object: readOne(networkPolicy("first", {})), origin: origin(3) },
      {
        object: readOne(networkPolicy("second", { ingress: [{ from: [web] }] })),
        origin: origin(17),
      },
      { object: readOne(networkPolicy("third", { policyTypes: ["Egress"] })), origin: origin(29) },
    ]);
    const { ingress } = askShop(judgeOf([], { policies }), "shop/client > shop/db TCP/80");
    expect(ingress?.reason).toMatchObject({
      kind: "isolation",
      policies: [
        { name: "first", file: "shop.yaml", line: 3 },
        { name: "second", file: "shop.yaml", line: 17 },
      ],
    });
  });

  it("a rule names its policy, its place in it and the line", () => {
    const rules = [{ action: "Pass", from: [everyPod] }, deny({ name: "never" })];
    const object = readOne(clusterPolicy("guard", { ingress: [rules[1], rules[0]] }));
    const policies = readPolicies([
      { object, origin: { kind: object.kind, file: "c.yaml", line: 5 } },
    ]);
    const { ingress } = askShop(judgeOf([], { policies }), "shop/client > shop/db TCP/80");
    expect(ingress).toMatchObject({
      allowed: false,
      reason: {
        kind: "rule",
        origin: { name: "guard", part: "ingress[0] never", file: "c.yaml", line: 5 },
      },
    });
  });
});
