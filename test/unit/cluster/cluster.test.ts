/** What happens in a cluster when objects are applied and deleted. */

import { expect, test } from "vitest";
import { InputError, type Origin } from "../../../src/base/index.js";
import { Cluster } from "../../../src/cluster/index.js";
import {
  freeNodePorts,
  freeServiceAddrs,
  type ServiceAddrs,
  usableCount,
} from "../../../src/ipam/index.js";
import type { KubeObject, Node, Pod } from "../../../src/objects/index.js";
import { makeDeployment, makePod, makeService } from "../../support/workloads.js";

function nodeOf(cluster: Cluster, name: string): string | undefined {
  return cluster.get("Pod", "default", name)?.spec.nodeName;
}

test("two pods run on two nodes, with addresses of theirs", () => {
  const cluster = Cluster.create()
    .apply(makePod({ name: "pod-a" }))
    .apply(makePod({ name: "pod-b" }));
  expect([nodeOf(cluster, "pod-a"), nodeOf(cluster, "pod-b")]).toEqual(["node-1", "node-2"]);
  expect(cluster.get("Pod", "default", "pod-a")?.status?.podIP).toBe("10.244.0.3");
  expect(cluster.get("Pod", "default", "pod-b")?.status?.podIP).toBe("10.244.1.3");
});

test("a new cluster has what every cluster has", () => {
  const cluster = Cluster.create();
  expect(cluster.list("Namespace").map((n) => n.metadata.name)).toEqual([
    "default",
    "kube-node-lease",
    "kube-public",
    "kube-system",
  ]);
  expect(cluster.get("Service", "default", "kubernetes")?.spec.clusterIP).toBe("10.96.0.1");
  expect(cluster.get("Service", "kube-system", "kube-dns")?.spec.clusterIP).toBe("10.96.0.10");
  const dns = new Set(cluster.list("Pod", "kube-system").map((p) => p.spec.nodeName));
  expect(dns).toEqual(new Set(["node-1", "node-2"]));
});

test("dual stack gives every pod two addresses, and a Service that asks two cluster IPs", () => {
  const cluster = Cluster.create({ families: ["ip4", "ip6"] }).apply([
    makePod({ name: "web-0", labels: { app: "web" } }),
    makeService({ name: "web" }, { ipFamilyPolicy: "PreferDualStack" }),
  ]);
  const ips = cluster.get("Pod", "default", "web-0")?.status?.podIPs?.map((p) => p.ip);
  expect(ips).toEqual(["10.244.0.3", "fd00:10:244::3"]);
  const service = cluster.get("Service", "default", "web");
  expect(service?.spec.ipFamilies).toEqual(["IPv4", "IPv6"]);
  expect(service?.spec.clusterIPs?.length).toBe(2);
  const types = cluster.list("EndpointSlice", "default").map((s) => s.addressType);
  expect(types.filter((t) => t === "IPv6").length).toBe(1);
  const links = cluster
    .compile()
    .netns.get("node-1")
    ?.links.map((l) => l.name);
  expect(links).toContain("flannel-v6.1");
});

test("IPv6 alone works as IPv4 alone does", () => {
  const cluster = Cluster.create({ families: ["ip6"], network: "bridge" }).apply(
    makePod({ name: "web-0" }),
  );
  expect(cluster.get("Pod", "default", "web-0")?.status?.podIP).toBe("fd00:10:244::3");
  const routes = cluster.compile().netns.get("node-1")?.routes ?? [];
  const peer = routes.find((r) => String(r.dst) === "fd00:10:244:1::/64");
  expect(String(peer?.nextHops[0]?.gateway)).toBe("fd00:192:168::c");
});

test("a Deployment is scaled, rolled out and deleted with all it owns", () => {
  let cluster = Cluster.create().apply(makeDeployment({ name: "web", replicas: 3 }));
  expect(cluster.list("Pod", "default").length).toBe(3);
  expect(cluster.get("Deployment", "default", "web")?.status?.readyReplicas).toBe(3);
  cluster = cluster.apply(makeDeployment({ name: "web", replicas: 1 }));
  expect(cluster.list("Pod", "default").length).toBe(1);
  const [old] = cluster.list("Pod", "default") as [Pod];
  cluster = cluster.apply(makeDeployment({ name: "web", replicas: 1, port: 81 }));
  expect(cluster.list("ReplicaSet", "default").map((rs) => rs.spec.replicas ?? 0)).toHaveLength(2);
  expect(cluster.list("Pod", "default").map((p) => p.metadata.name)).not.toContain(
    old.metadata.name,
  );
  cluster = cluster.delete("Deployment", "default", "web");
  expect(cluster.list("Pod", "default")).toEqual([]);
  expect(cluster.list("ReplicaSet", "default")).toEqual([]);
});

test("a deleted pod of a Deployment is replaced under another name", () => {
  const before = Cluster.create().apply(makeDeployment({ name: "web" }));
  const [pod] = before.list("Pod", "default") as [Pod];
  const after = before.delete("Pod", "default", pod.metadata.name);
  const [other] = after.list("Pod", "default") as [Pod];
  expect(other.metadata.name).not.toBe(pod.metadata.name);
  expect(other.metadata.name).toMatch(/^web-[a-z0-9]{8,10}-[a-z0-9]{5}$/);
});

test("a StatefulSet numbers its pods and names them for DNS", () => {
  const { spec, metadata } = makeDeployment({ name: "db", replicas: 2 });
  const set = { apiVersion: "apps/v1", kind: "StatefulSet", metadata, spec };
  const cluster = Cluster.create().apply({
    ...set,
    spec: { ...spec, serviceName: "db" },
  } as unknown as KubeObject);
  const pods = cluster.list("Pod", "default");
  expect(pods.map((p) => p.metadata.name)).toEqual(["db-0", "db-1"]);
  expect(pods.map((p) => [p.spec.hostname, p.spec.subdomain])).toEqual([
    ["db-0", "db"],
    ["db-1", "db"],
  ]);
});

test("a DaemonSet has a pod on every node, also on one that joins", () => {
  const { spec: of, metadata } = makeDeployment({ name: "agent" });
  const { replicas: _one, ...spec } = of;
  const set = { apiVersion: "apps/v1", kind: "DaemonSet", metadata, spec } as unknown as KubeObject;
  let cluster = Cluster.create().apply(set);
  expect(cluster.list("Pod", "default").length).toBe(2);
  const node = {
    ...(cluster.get("Node", "", "node-1") as Node),
    metadata: { name: "node-9" },
    spec: {},
    status: { addresses: [{ type: "InternalIP", address: "192.168.0.90" }] },
  } as unknown as Node;
  cluster = cluster.apply(node);
  expect(cluster.list("Pod", "default").length).toBe(3);
  cluster = cluster.delete("Node", "", "node-9");
  expect(cluster.list("Pod", "default").length).toBe(2);
});

test("taints keep pods away that do not tolerate them", () => {
  const cluster = Cluster.create();
  const node = cluster.get("Node", "", "node-1") as Node;
  const taints = [{ key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" }];
  const tainted = cluster.apply({ ...node, spec: { ...node.spec, taints } });
  const after = tainted.apply([makePod({ name: "pod-a" }), makePod({ name: "pod-b" })]);
  expect([nodeOf(after, "pod-a"), nodeOf(after, "pod-b")]).toEqual(["node-2", "node-2"]);
});

test("a pod that fits nowhere waits and says so", () => {
  const pod = makePod({ name: "lost" });
  const lost = { ...pod, spec: { ...pod.spec, nodeSelector: { disk: "ssd" } } };
  const cluster = Cluster.create().apply(lost);
  const found = cluster.get("Pod", "default", "lost");
  expect(found?.status?.phase).toBe("Pending");
  expect(found?.status?.conditions?.[0]?.reason).toBe("Unschedulable");
});

test("a Service keeps its addresses when applied again and gives them back when deleted", () => {
  const service = makeService({ name: "web" }, { type: "NodePort" });
  const first = Cluster.create().apply(service);
  const { spec } = first.get("Service", "default", "web") ?? {};
  expect(spec?.ports?.[0]?.nodePort).toBeGreaterThanOrEqual(30086);
  const again = first.apply(makeService({ name: "web", port: 80 }, { type: "NodePort" }));
  expect(again.get("Service", "default", "web")?.spec).toEqual(spec);
  const gone = first.delete("Service", "default", "web");
  const { nodePorts, services } = gone.state.addresses;
  expect(freeNodePorts(nodePorts)).toBe(2768);
  const [range] = services as [ServiceAddrs];
  expect(usableCount(range.range) - freeServiceAddrs(range)).toBe(
    BigInt(gone.list("Service").length),
  );
  expect(gone.list("EndpointSlice", "default").map((s) => s.metadata.name)).toEqual(["kubernetes"]);
});

test("pods on the host network have their node's address and listen there", () => {
  const pod = makePod({ name: "host" });
  const cluster = Cluster.create().apply({ ...pod, spec: { ...pod.spec, hostNetwork: true } });
  const found = cluster.get("Pod", "default", "host");
  expect(found?.status?.podIP).toBe("192.168.0.11");
  const listeners = cluster.compile().netns.get("node-1")?.listeners ?? [];
  expect(listeners.some((l) => l.port === 80 && l.origin?.name === "host")).toBe(true);
});

test("faults are all told and nothing is applied", () => {
  const pod = makePod({ name: "pod-a" });
  const elsewhere = { ...pod, metadata: { ...pod.metadata, name: "pod-b" } };
  const bad = { ...elsewhere, spec: { ...pod.spec, nodeName: "node-7" } };
  const run = () => Cluster.create().apply([pod, pod, bad]);
  expect(run).toThrow(InputError);
  try {
    run();
  } catch (error) {
    const faults = (error as InputError).faults.map((f) => [f.code, f.path, f.value]);
    expect(faults).toEqual([
      ["duplicate-name", "metadata.name", "pod-a"],
      ["NotFound", "spec.nodeName", "node-7"],
    ]);
  }
});

test("the graph joins nodes, bridges, pods and Services", () => {
  const cluster = Cluster.create().apply([
    makePod({ name: "web-0", labels: { app: "web" } }),
    makeService({ name: "web" }),
  ]);
  const graph = cluster.topology();
  expect(graph.hasEdge("bridge/node-1/cni0", "pod/default/web-0")).toBe(true);
  expect(graph.hasEdge("service/default/web", "pod/default/web-0")).toBe(true);
  expect(graph.hasEdge("segment/underlay", "node/node-2")).toBe(true);
  expect(graph.hasEdge("segment/underlay", "host/external")).toBe(true);
});

test("an origin is located in the file its object, or its object's maker, was written in", () => {
  const [web, pod] = [makeDeployment({ name: "web" }), makePod({ name: "pod-a" })];
  const origins = new Map<KubeObject, Origin>([
    [web, { kind: "Deployment", file: "shop.yaml", line: 12 }],
    [pod, { kind: "Pod", file: "pod.yaml", line: 1 }],
  ]);
  const cluster = Cluster.create().apply([web, pod], { origins });
  const [made] = cluster.list("Pod", "default").filter((p) => p.metadata.name !== "pod-a");
  const origin = { kind: "Pod", namespace: "default", name: made?.metadata.name ?? "" };
  expect(cluster.locate(origin)).toEqual({ ...origin, file: "shop.yaml", line: 12 });
  expect(cluster.locate({ kind: "Pod", namespace: "default", name: "pod-a" }).file).toBe(
    "pod.yaml",
  );
  const other = { kind: "Service", namespace: "kube-system", name: "kube-dns" };
  expect(cluster.locate(other)).toBe(other);
  expect(cluster.delete("Pod", "default", "pod-a").apply(pod).locate(origin).line).toBe(12);
});

test("taken addresses and ports are faults of the Services that ask for them", () => {
  const cluster = Cluster.create().apply(
    makeService(
      { name: "a" },
      {
        type: "NodePort",
        clusterIP: "10.96.0.77",
        ports: [{ port: 80, protocol: "TCP", targetPort: 80, nodePort: 30080 }],
      },
    ),
  );
  const ports = [{ port: 80, protocol: "TCP" as const, targetPort: 80, nodePort: 30080 }];
  const wrong = [
    makeService({ name: "b" }, { clusterIP: "10.96.0.77" }),
    makeService({ name: "c" }, { type: "NodePort", ports }),
    makeService({ name: "d" }, { clusterIP: "10.97.0.1" }),
  ];
  try {
    cluster.apply(wrong);
    expect.unreachable();
  } catch (error) {
    const rows = (error as InputError).message.split("\n");
    const the = (name: string) => `The Service "${name}" is invalid: `;
    expect(rows).toEqual([
      `${the("b")}spec.clusterIPs: Invalid value: ["10.96.0.77"]: failed to allocate IP 10.96.0.77: provided IP is already allocated`,
      `${the("c")}spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated`,
      `${the("d")}spec.clusterIPs: Invalid value: ["10.97.0.1"]: failed to allocate IP 10.97.0.1: the provided network does not match the current range`,
    ]);
  }
});

test("what is written later is stamped later, and the configurations stay the same objects", () => {
  const start = Cluster.create().apply(makePod({ name: "pod-a" }));
  const compiled = start.compile();
  const later = start.at("2030-01-01T00:01:00Z");
  expect(later.compile()).toBe(compiled);
  const both = later.apply(makePod({ name: "pod-b" }));
  const timesOf = (name: string) => {
    const { metadata, status } = both.get("Pod", "default", name) as Pod;
    return [metadata.creationTimestamp, status?.startTime];
  };
  expect(timesOf("pod-a")).toEqual([start.settings.time, start.settings.time]);
  expect(timesOf("pod-b")).toEqual(["2030-01-01T00:01:00Z", "2030-01-01T00:01:00Z"]);
});

test("a Deployment that stays available says since when", () => {
  const start = Cluster.create().apply(makeDeployment({ name: "web", replicas: 2 }));
  const [pod] = start.list("Pod", "default");
  const after = start.at("2030-01-01T00:01:00Z").delete("Pod", "default", pod?.metadata.name ?? "");
  const { status } = after.get("Deployment", "default", "web") ?? {};
  const times = status?.conditions?.map((c) => c.lastTransitionTime);
  expect(times).toEqual([start.settings.time, start.settings.time]);
});

test("a pod's label changes no configuration, and a pod only those of its node", () => {
  const pods = ["a", "b"].map((name) => makePod({ name }));
  const start = Cluster.create({ nodes: 3 }).apply(pods);
  const before = start.compile();
  const labelled = start.apply(makePod({ name: "a", labels: { run: "other" } }));
  expect(labelled.compile()).toBe(before);
  const less = labelled.delete("Pod", "default", "a").compile();
  const kept = [...less.netns].filter(([name, config]) => before.netns.get(name) === config);
  const gone = [...before.netns.keys()].filter((name) => less.netns.get(name) === undefined);
  expect(gone).toEqual(["default/a"]);
  expect(kept.length).toBe(less.netns.size - 1);
});
