/** A small shop to judge in: two namespaces, a client, a web server, a database, one node. */
import { parseAddr } from "../../../src/addr/index.js";
import type { Namespace, Node, Pod } from "../../../src/objects/index.js";
import { type KubeObject, readObject } from "../../../src/objects/index.js";
import {
  type FlowVerdict,
  Judge,
  type JudgeOptions,
  type Member,
  membersOf,
  nodeMembersOf,
  policyProtocol,
  readPolicies,
} from "../../../src/policy/index.js";

/** Reads one object as the API server would. */
export function readOne(json: object): KubeObject {
  const read = readObject(structuredClone(json));
  if (read.kind !== "object") throw new Error(JSON.stringify(read));
  return read.object;
}

interface PodParts {
  readonly id: string;
  readonly ips: readonly string[];
  readonly labels?: Record<string, string>;
  readonly ports?: readonly object[];
  readonly spec?: object;
  readonly phase?: string;
}

/** A pod on node-a. */
export function podOf({
  id,
  ips,
  labels = {},
  ports = [],
  spec = {},
  phase = "Running",
}: PodParts) {
  const [namespace, name] = id.split("/");
  return readOne({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace, name, labels },
    spec: { nodeName: "node-a", containers: [{ name: "c", image: "i", ports }], ...spec },
    status: { phase, podIP: ips[0], podIPs: ips.map((ip) => ({ ip })) },
  }) as Pod;
}

const NAMESPACES = ["shop", "other"].map(
  (name) =>
    readOne({
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name, labels: { team: name } },
    }) as Namespace,
);

const NODE = readOne({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name: "node-a", labels: { zone: "one" } },
  status: { addresses: [{ type: "InternalIP", address: "192.168.0.11" }] },
}) as Node;

const HTTP = { name: "http", containerPort: 8080, protocol: "TCP" };

export const PODS: readonly Pod[] = [
  podOf({ id: "shop/client", ips: ["10.244.0.2", "fd00::2"], labels: { app: "client" } }),
  podOf({ id: "shop/web", ips: ["10.244.0.3", "fd00::3"], labels: { app: "web" }, ports: [HTTP] }),
  podOf({ id: "shop/db", ips: ["10.244.0.4"], labels: { app: "db", empty: "" } }),
  podOf({ id: "other/client", ips: ["10.244.0.5"], labels: { app: "client" } }),
  podOf({ id: "shop/host", ips: ["192.168.0.11"], spec: { hostNetwork: true } }),
  podOf({ id: "shop/done", ips: ["10.244.0.2"], labels: { app: "db" }, phase: "Succeeded" }),
];

export const MEMBERS: readonly Member[] = membersOf({ namespaces: NAMESPACES, pods: PODS });

/** A judge over the shop. */
export function judgeOf(policies: readonly object[], options: Partial<JudgeOptions> = {}): Judge {
  return new Judge({
    members: MEMBERS,
    policies: readPolicies(policies.map((p) => ({ object: readOne(p) }))),
    nodes: nodeMembersOf([NODE]),
    ...options,
  });
}

/** Asks about `SRC > DST PROTOCOL/PORT`; ends are pods of `shop` or addresses. */
export function askShop(judge: Judge, question: string): FlowVerdict {
  const [from = "", , to = "", transport = ""] = question.split(" ");
  const [protocol = "", port = "0"] = transport.split("/");
  const flow = { src: addrOf(from), dst: addrOf(to), protocol: policyProtocol(protocol) };
  return judge.judge({ ...flow, port: Number(port) });
}

function addrOf(text: string) {
  const pod = PODS.find((p) => `${p.metadata.namespace}/${p.metadata.name}` === text);
  return parseAddr(pod?.status?.podIP ?? text);
}

/** A NetworkPolicy of namespace `shop`. */
export function networkPolicy(name: string, spec: object): object {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name, namespace: "shop" },
    spec: { podSelector: {}, ...spec },
  };
}

/** A ClusterNetworkPolicy for every pod. */
export function clusterPolicy(name: string, spec: object): object {
  return {
    apiVersion: "policy.networking.k8s.io/v1alpha2",
    kind: "ClusterNetworkPolicy",
    metadata: { name },
    spec: { tier: "Admin", priority: 10, subject: { namespaces: {} }, ...spec },
  };
}

/** An AdminNetworkPolicy for every pod. */
export function adminPolicy(name: string, spec: object): object {
  return {
    apiVersion: "policy.networking.k8s.io/v1alpha1",
    kind: "AdminNetworkPolicy",
    metadata: { name },
    spec: { priority: 10, subject: { namespaces: {} }, ...spec },
  };
}
