import { expect, test } from "vitest";
import { printSide } from "../../../src/policy/index.js";
import { askShop, clusterPolicy, judgeOf, networkPolicy } from "../../support/policy/cluster.js";

const web = { podSelector: { matchLabels: { app: "web" } } };
const from = (...peers: object[]) => ({ from: peers });
const client = { podSelector: { matchLabels: { app: "client" } } };
const everywhere = { namespaceSelector: {} };
const tcp = (port: number | string, endPort?: number) => ({ protocol: "TCP", port, endPort });

/** What it is about, the policies, the question, and whether it passes. */
const ROWS: readonly (readonly [string, readonly object[], string, boolean])[] = [
  ["no policy", [], "shop/client > shop/web TCP/80", true],
  ["deny all", [networkPolicy("d", {})], "shop/client > shop/web TCP/80", false],
  ["deny all isolates ingress only", [networkPolicy("d", {})], "shop/web > 8.8.8.8 TCP/80", true],
  [
    "another namespace's policy",
    [networkPolicy("d", {})],
    "shop/client > other/client TCP/80",
    true,
  ],
  ["a pod to itself", [networkPolicy("d", {})], "shop/web > shop/web TCP/80", true],
  ["its own node", [networkPolicy("d", {})], "192.168.0.11 > shop/web TCP/80", true],
  ["another node", [networkPolicy("d", {})], "192.168.0.12 > shop/web TCP/80", false],
  ["an empty rule", [networkPolicy("a", { ingress: [{}] })], "8.8.8.8 > shop/web UDP/53", true],
  [
    "a pod selector means the own namespace",
    [networkPolicy("a", { ingress: [from(client)] })],
    "other/client > shop/web TCP/80",
    false,
  ],
  [
    "both selectors in one peer mean both",
    [networkPolicy("a", { ingress: [from({ ...everywhere, ...client })] })],
    "other/client > shop/web TCP/80",
    true,
  ],
  [
    "an empty namespace selector is no outside",
    [networkPolicy("a", { ingress: [from(everywhere)] })],
    "8.8.8.8 > shop/web TCP/80",
    false,
  ],
  [
    "NotIn selects what lacks the label",
    [
      networkPolicy("a", {
        ingress: [
          from({
            podSelector: { matchExpressions: [{ key: "tier", operator: "NotIn", values: ["x"] }] },
          }),
        ],
      }),
    ],
    "shop/client > shop/web TCP/80",
    true,
  ],
  [
    "an empty label value needs the label",
    [networkPolicy("a", { ingress: [from({ podSelector: { matchLabels: { empty: "" } } })] })],
    "shop/client > shop/web TCP/80",
    false,
  ],
  [
    "egress rules isolate egress",
    [networkPolicy("e", { egress: [{ ports: [tcp(80)] }] })],
    "shop/client > 8.8.8.8 TCP/81",
    false,
  ],
  [
    "an empty egress list does not",
    [networkPolicy("e", { egress: [] })],
    "shop/web > 8.8.8.8 TCP/1",
    true,
  ],
  [
    "rules of a direction that is not named are ignored",
    [networkPolicy("e", { policyTypes: ["Egress"], ingress: [{}], egress: [{}] })],
    "shop/client > shop/web TCP/80",
    true,
  ],
  [
    "a range of ports",
    [networkPolicy("a", { ...web, ingress: [{ ports: [tcp(80, 90)] }] })],
    "shop/client > shop/web TCP/85",
    true,
  ],
  [
    "another protocol",
    [networkPolicy("a", { ...web, ingress: [{ ports: [tcp(80)] }] })],
    "shop/client > shop/web SCTP/80",
    false,
  ],
  [
    "a named port",
    [networkPolicy("a", { ...web, ingress: [{ ports: [tcp("http")] }] })],
    "shop/client > shop/web TCP/8080",
    true,
  ],
  [
    "a name that the destination does not have",
    [networkPolicy("a", { ingress: [{ ports: [tcp("http")] }] })],
    "shop/client > shop/db TCP/8080",
    false,
  ],
  [
    "a named port has no meaning outside",
    [networkPolicy("e", { egress: [{ ports: [tcp("http")] }] })],
    "shop/client > 8.8.8.8 TCP/8080",
    false,
  ],
  [
    "a block with a hole",
    [
      networkPolicy("a", {
        ingress: [from({ ipBlock: { cidr: "10.0.0.0/8", except: ["10.244.0.4/32"] } })],
      }),
    ],
    "shop/db > shop/web TCP/80",
    false,
  ],
  [
    "a block matches pods",
    [networkPolicy("a", { ingress: [from({ ipBlock: { cidr: "10.0.0.0/8" } })] })],
    "other/client > shop/web TCP/80",
    true,
  ],
  [
    "a block of one family says nothing about the other",
    [networkPolicy("a", { ingress: [from({ ipBlock: { cidr: "0.0.0.0/0" } })] })],
    "fd00::2 > fd00::3 TCP/80",
    false,
  ],
  [
    "an ended pod's address is its next holder's",
    [networkPolicy("a", { ingress: [from({ podSelector: { matchLabels: { app: "db" } } })] })],
    "10.244.0.2 > shop/web TCP/80",
    false,
  ],
  [
    "admin accept overrules isolation",
    [
      networkPolicy("d", {}),
      clusterPolicy("c", { ingress: [{ action: "Accept", from: [{ namespaces: {} }] }] }),
    ],
    "shop/client > shop/web TCP/80",
    true,
  ],
  [
    "admin pass leaves the tier",
    [
      clusterPolicy("p", { ingress: [{ action: "Pass", from: [{ namespaces: {} }] }] }),
      clusterPolicy("q", {
        priority: 11,
        ingress: [{ action: "Deny", from: [{ namespaces: {} }] }],
      }),
    ],
    "shop/client > shop/web TCP/80",
    true,
  ],
  [
    "a lower priority is asked first",
    [
      clusterPolicy("a", {
        priority: 7,
        ingress: [{ action: "Deny", from: [{ namespaces: {} }] }],
      }),
      clusterPolicy("b", {
        priority: 3,
        ingress: [{ action: "Accept", from: [{ namespaces: {} }] }],
      }),
    ],
    "shop/client > shop/web TCP/80",
    true,
  ],
  [
    "the baseline is asked when the pod is isolated in the other direction only",
    [
      networkPolicy("d", {}),
      clusterPolicy("b", {
        tier: "Baseline",
        egress: [{ action: "Deny", to: [{ networks: ["0.0.0.0/0"] }] }],
      }),
    ],
    "shop/client > 8.8.8.8 TCP/80",
    false,
  ],
  [
    "accepting egress does not accept ingress",
    [
      networkPolicy("d", {}),
      clusterPolicy("c", { egress: [{ action: "Accept", to: [{ namespaces: {} }] }] }),
    ],
    "shop/client > shop/web TCP/80",
    false,
  ],
  [
    "nodes are their addresses",
    [
      clusterPolicy("c", {
        egress: [{ action: "Deny", to: [{ nodes: { matchLabels: { zone: "one" } } }] }],
      }),
    ],
    "shop/client > 192.168.0.11 TCP/80",
    false,
  ],
];

test.each(ROWS)("%s", (_, policies, question, allowed) => {
  expect(askShop(judgeOf(policies), question).allowed).toBe(allowed);
});

test("the answer says because of what", () => {
  const policies = [
    networkPolicy("deny-all", {}),
    networkPolicy("web", { ...web, ingress: [from(client)] }),
    clusterPolicy("guard", {
      ingress: [{ name: "probe", action: "Pass", from: [{ namespaces: {} }] }],
      egress: [
        { action: "Deny", to: [{ domainNames: ["example.com"] }, { networks: ["9.9.9.9/32"] }] },
      ],
    }),
  ];
  const judge = judgeOf(policies);
  const verdict = askShop(judge, "shop/client > shop/web TCP/80");
  expect(verdict.ingress).toMatchObject({
    reason: { kind: "rule", origin: { name: "web", part: "ingress[0]" } },
    passed: [{ name: "guard", part: "ingress[0] probe" }],
  });
  expect(printSide(askShop(judge, "other/client > shop/db TCP/1").ingress as never)).toBe(
    "ingress denied: no rule matches, isolated by NetworkPolicy shop/deny-all",
  );
  const outside = askShop(judge, "shop/client > 8.8.8.8 TCP/1").egress;
  expect(outside).toMatchObject({ allowed: true, unresolved: ["example.com"] });
});

test("choices that the API leaves open", () => {
  const block = networkPolicy("a", { ingress: [from({ ipBlock: { cidr: "10.0.0.0/8" } })] });
  const question = "other/client > shop/web TCP/80";
  expect(askShop(judgeOf([block], { blocksMatchPods: false }), question).allowed).toBe(false);
  const closed = networkPolicy("e", { policyTypes: ["Egress"] });
  const toNode = "shop/client > 192.168.0.11 TCP/80";
  expect(askShop(judgeOf([closed]), toNode).allowed).toBe(false);
  expect(askShop(judgeOf([closed], { ownNodeEgress: true }), toNode).allowed).toBe(true);
});
