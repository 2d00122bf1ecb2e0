import { describe, expect, it } from "vitest";
import { loadManifests } from "../../../src/objects/index.js";
import {
  type Focus,
  listConnections,
  noticesOf,
  printConnection,
  readPolicies,
  workloadsOf,
} from "../../../src/policy/index.js";

const workload = (name: string, labels = `{app: ${name}}`) => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: shop}
spec:
  selector: {matchLabels: ${labels}}
  template:
    metadata: {labels: ${labels}}
    spec: {containers: [{name: c, image: i, ports: [{name: http, containerPort: 8080}]}]}
`;

const policy = (name: string, spec: string) => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ${name}, namespace: shop}
spec: ${spec}
`;

const admin = (name: string, spec: string) => `
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: ${name}}
spec: {priority: 7, subject: {namespaces: {}}, ${spec}}
`;

const POD = `
apiVersion: v1
kind: Pod
metadata:
  name: NAME
  namespace: shop
  labels: {version: NAME}
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: twins, uid: u}]
spec: {containers: [{name: c, image: i}]}
`;

function inputOf(documents: readonly string[]) {
  const { objects } = loadManifests([{ file: "shop.yaml", text: documents.join("---") }]);
  return { workloads: workloadsOf(objects), policies: readPolicies(objects) };
}

const FROM_DB = `{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: {app: db}}}], ports: [{port: http}]}]}`;
const TO_BLOCK = `{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}], ports: [{port: 443}, {port: 8000, endPort: 8080}]}]}`;

describe("a list", () => {
  it("has every connection once, by ends and ports", () => {
    const input = inputOf([workload("web"), workload("db"), policy("a", FROM_DB)]);
    expect(listConnections({ ...input, families: ["ip4"] }).map(printConnection)).toEqual([
      "shop/db[Deployment] => shop/web[Deployment] : TCP 8080",
      "shop/db[Deployment] => 0.0.0.0-255.255.255.255[External] : All Connections",
      "shop/web[Deployment] => shop/db[Deployment] : All Connections",
      "shop/web[Deployment] => 0.0.0.0-255.255.255.255[External] : All Connections",
      "0.0.0.0-255.255.255.255[External] => shop/db[Deployment] : All Connections",
    ]);
  });

  it("splits what is outside where blocks begin and end, and joins what is alike", () => {
    const input = inputOf([workload("web"), policy("a", TO_BLOCK)]);
    const focus: Focus = { workloads: ["web"], direction: "egress" };
    const list = (ranges: "joined" | "split") =>
      listConnections({ ...input, focus, ranges, families: ["ip4"] }).map(printConnection);
    const rows = [
      "shop/web[Deployment] => 10.0.0.0-10.0.255.255[External] : TCP 443,8000-8080",
      "shop/web[Deployment] => 10.2.0.0-10.255.255.255[External] : TCP 443,8000-8080",
    ];
    expect(list("split")).toEqual(rows);
    expect(list("joined")).toEqual(rows);
    const open = inputOf([
      workload("web"),
      policy("a", TO_BLOCK),
      policy("b", `{podSelector: {}, policyTypes: [Egress], egress: [{}]}`),
    ]);
    const rest = { ...open, focus, families: ["ip4"] as const };
    expect(listConnections(rest).length).toBe(1);
    expect(listConnections({ ...rest, ranges: "split" }).length).toBe(5);
  });

  it("covers both families unless told otherwise", () => {
    const list = listConnections(inputOf([workload("web")]));
    expect(list.map(printConnection)).toContain(
      "shop/web[Deployment] => ::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff[External] : All Connections",
    );
  });

  it("shows what one port, one workload or two can open", () => {
    const input = inputOf([workload("web"), workload("db"), policy("a", FROM_DB)]);
    const count = (focus: Focus) => listConnections({ ...input, families: ["ip4"], focus }).length;
    expect(count({ on: { protocol: 6, port: 8080 } })).toBe(5);
    expect(count({ on: { protocol: 6, port: 80 } })).toBe(4);
    expect(count({ workloads: ["shop/web"], direction: "ingress" })).toBe(1);
    expect(count({ workloads: ["web"], peers: ["db"] })).toBe(2);
    expect(count({ workloads: ["nobody"] })).toBe(0);
  });

  it("says where pods of one owner differ", () => {
    const deny = `{podSelector: {matchLabels: {version: one}}}`;
    const documents = ["one", "two"].map((name) => POD.replaceAll("NAME", name));
    const input = inputOf([...documents, workload("web"), policy("a", deny)]);
    const into = listConnections({ ...input, focus: { workloads: ["twins"], peers: ["web"] } });
    expect(into.map((c) => [printConnection(c), c.varies])).toEqual([
      ["shop/twins[ReplicaSet] => shop/web[Deployment] : All Connections", false],
      ["shop/web[Deployment] => shop/twins[ReplicaSet] : All Connections", true],
    ]);
  });
});

const nodes = "nodes: {matchLabels: {zone: one}}";

/** What is noticed, the manifests, and the options. */
const NOTICES: readonly (readonly [string, readonly string[], object])[] = [
  ["no-workloads", [policy("a", TO_BLOCK)], {}],
  ["no-policies", [workload("web")], {}],
  ["equal-priority", [workload("web"), admin("a", "ingress: []"), admin("b", "egress: []")], {}],
  [
    "labels-differ",
    [
      ...["one", "two"].map((n) => POD.replaceAll("NAME", n)),
      policy("a", `{podSelector: {matchLabels: {version: one}}}`),
    ],
    {},
  ],
  [
    "named-port-outside",
    [
      workload("web"),
      policy(
        "a",
        `{podSelector: {}, egress: [{to: [{podSelector: {}}, {ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: http}]}]}`,
      ),
    ],
    {},
  ],
  [
    "unknown-port-name",
    [workload("web"), policy("a", `{podSelector: {}, ingress: [{ports: [{port: metrics}]}]}`)],
    {},
  ],
  [
    "empty-port-range",
    [
      workload("web"),
      admin(
        "a",
        "ingress: [{action: Deny, from: [{namespaces: {}}], ports: [{portRange: {start: 9, end: 3}}]}]",
      ),
    ],
    {},
  ],
  [
    "unknown-nodes",
    [workload("web"), admin("a", `egress: [{action: Deny, to: [{${nodes}}]}]`)],
    {},
  ],
  [
    "family-not-listed",
    [workload("web"), admin("a", `egress: [{action: Deny, to: [{networks: ["fd00::/8"]}]}]`)],
    { families: ["ip4"] },
  ],
  [
    "domain-unresolved",
    [workload("web"), admin("a", "egress: [{action: Allow, to: [{domainNames: [example.com]}]}]")],
    {},
  ],
  ["unknown-workload", [workload("web"), policy("a", TO_BLOCK)], { focus: { workloads: ["db"] } }],
  [
    "focus-without-workloads",
    [workload("web"), policy("a", TO_BLOCK)],
    { focus: { direction: "egress" } },
  ],
];

describe("a notice", () => {
  it.each(NOTICES)("%s", (code, documents, options) => {
    const notices = noticesOf({ ...inputOf(documents), ...options });
    expect(notices.map((each) => each.code)).toEqual([code]);
  });

  it("is not given where nothing is amiss", () => {
    const documents = [
      workload("web"),
      workload("db"),
      policy("a", FROM_DB),
      policy("b", TO_BLOCK),
    ];
    expect(noticesOf(inputOf(documents))).toEqual([]);
  });

  it("names the rule and the line", () => {
    const [first] = noticesOf(
      inputOf([workload("web"), admin("a", `egress: [{action: Deny, to: [{${nodes}}]}]`)]),
    );
    expect(first?.origin).toMatchObject({
      name: "a",
      part: "egress[0]",
      file: "shop.yaml",
      line: 11,
    });
  });
});
