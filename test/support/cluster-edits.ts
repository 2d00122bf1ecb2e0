/** Random edits of small clusters, as values that a property test can shrink. */
import fc from "fast-check";
import type { Cluster } from "../../src/cluster/index.js";
import type { Deployment, Kind, Namespace, Node, Pod, Service } from "../../src/objects/index.js";
import { EDIT_POLICIES } from "./policy/edit-policies.js";
import { makeDeployment, makePod, makeService } from "./workloads.js";

/** One edit. */
export type Edit =
  | { readonly kind: "pod"; readonly at: number; readonly app: number }
  | { readonly kind: "deployment"; readonly at: number; readonly replicas: number }
  | { readonly kind: "service"; readonly at: number; readonly form: ServiceForm }
  | { readonly kind: "delete"; readonly what: Kind; readonly at: number }
  | { readonly kind: "ready"; readonly at: number; readonly ready: boolean }
  | { readonly kind: "zone"; readonly at: number; readonly zone: string }
  | { readonly kind: "node"; readonly at: number }
  | { readonly kind: "image"; readonly at: number }
  | { readonly kind: "policy"; readonly at: number }
  | { readonly kind: "team"; readonly at: number; readonly team: string };

type ServiceForm = "cluster" | "nodePort" | "local" | "headless" | "close" | "affinity";

const at = fc.nat(4);

/** Any edit. */
export const anyEdit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ kind: fc.constant("pod" as const), at, app: at }),
  fc.record({ kind: fc.constant("deployment" as const), at, replicas: fc.nat(5) }),
  fc.record({
    kind: fc.constant("service" as const),
    at,
    form: fc.constantFrom<ServiceForm>(
      "cluster",
      "nodePort",
      "local",
      "headless",
      "close",
      "affinity",
    ),
  }),
  fc.record({
    kind: fc.constant("delete" as const),
    what: fc.constantFrom<Kind>("Pod", "Deployment", "Service", "Node", "Namespace"),
    at,
  }),
  fc.record({
    kind: fc.constant("delete" as const),
    what: fc.constantFrom<Kind>("NetworkPolicy", "AdminNetworkPolicy", "ClusterNetworkPolicy"),
    at: fc.nat(EDIT_POLICIES.length - 1),
  }),
  fc.record({ kind: fc.constant("ready" as const), at: fc.nat(20), ready: fc.boolean() }),
  fc.record({ kind: fc.constant("zone" as const), at, zone: fc.constantFrom("a", "b") }),
  fc.record({ kind: fc.constant("node" as const), at }),
  fc.record({ kind: fc.constant("image" as const), at }),
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("policy" as const),
      at: fc.nat(EDIT_POLICIES.length - 1),
    }),
  },
  fc.record({ kind: fc.constant("team" as const), at, team: fc.constantFrom("a", "b") }),
);

const FORMS: Readonly<Record<ServiceForm, Partial<Service["spec"]>>> = {
  cluster: {},
  nodePort: { type: "NodePort" },
  local: { type: "NodePort", externalTrafficPolicy: "Local" },
  headless: { clusterIP: "None" },
  close: { trafficDistribution: "PreferClose" },
  affinity: {
    sessionAffinity: "ClientIP",
    sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } },
  },
};

function wantedOf(n: number) {
  return { namespace: n % 2 === 0 ? "default" : "shop", name: `web-${n}` };
}

/** The cluster after an edit. */
export function applyEdit(cluster: Cluster, edit: Edit): Cluster {
  switch (edit.kind) {
    case "pod": {
      const wanted = { ...wantedOf(edit.at), labels: { app: `web-${edit.app}` } };
      return cluster.apply(makePod({ ...wanted, name: `pod-${edit.at}` }));
    }
    case "deployment":
      return cluster.apply(makeDeployment({ ...wantedOf(edit.at), replicas: edit.replicas }));
    case "service": {
      const { namespace, name } = wantedOf(edit.at);
      const old = cluster.get("Service", namespace, name);
      const isHeadless = (old?.spec.clusterIP === "None") !== (edit.form === "headless");
      const base =
        old !== undefined && isHeadless ? cluster.delete("Service", namespace, name) : cluster;
      return base.apply(makeService({ namespace, name }, FORMS[edit.form]));
    }
    case "delete":
      return deleteOne(cluster, edit.what, edit.at);
    case "ready":
      return setReady(cluster, edit.at, edit.ready);
    case "zone":
      return changeNode(cluster, edit.at, (node) => {
        const labels = { ...node.metadata.labels, "topology.kubernetes.io/zone": edit.zone };
        return { ...node, metadata: { ...node.metadata, labels } };
      });
    case "node":
      return cluster.apply(extraNode(edit.at));
    case "image":
      return changeImage(cluster, edit.at);
    case "policy":
      return cluster.apply(EDIT_POLICIES[edit.at] ?? []);
    case "team":
      return changeTeam(cluster, edit.at, edit.team);
  }
}

function deleteOne(cluster: Cluster, what: Kind, n: number): Cluster {
  if (what === "Namespace") return cluster.delete(what, "", n === 0 ? "shop" : "nobody");
  if (what.endsWith("Policy")) {
    const chosen = EDIT_POLICIES.filter((policy) => policy.kind === what);
    const policy = chosen[n % chosen.length];
    return cluster.delete(what, policy?.metadata.namespace ?? "", policy?.metadata.name ?? "");
  }
  if (what === "Node") return cluster.delete(what, "", `extra-${n}`);
  const { namespace, name } = wantedOf(n);
  return cluster.delete(what, namespace, what === "Pod" ? `pod-${n}` : name);
}

function setReady(cluster: Cluster, n: number, ready: boolean): Cluster {
  const pods = cluster.list("Pod").filter((p) => p.metadata.namespace !== "kube-system");
  const pod = pods[n % Math.max(1, pods.length)];
  if (pod === undefined) return cluster;
  const conditions = (pod.status?.conditions ?? []).map((c) =>
    c.type === "Ready" ? { ...c, status: ready ? "True" : "False" } : c,
  );
  return cluster.apply({ ...pod, status: { ...pod.status, conditions } } as Pod);
}

function changeNode(cluster: Cluster, n: number, change: (node: Node) => Node): Cluster {
  const nodes = cluster.nodes;
  const node = nodes[n % nodes.length];
  return node === undefined ? cluster : cluster.apply(change(node));
}

function changeTeam(cluster: Cluster, n: number, team: string): Cluster {
  const { namespace } = wantedOf(n);
  const old = cluster.get("Namespace", "", namespace);
  if (old === undefined) return cluster;
  const labels = { ...old.metadata.labels, team };
  return cluster.apply({ ...old, metadata: { ...old.metadata, labels } } as Namespace);
}

function extraNode(n: number): Node {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: `extra-${n}`, labels: {} },
    spec: {},
    status: { addresses: [{ type: "InternalIP", address: `192.168.0.${100 + n}` }] },
  } as unknown as Node;
}

function changeImage(cluster: Cluster, n: number): Cluster {
  const { namespace, name } = wantedOf(n);
  const old = cluster.get("Deployment", namespace, name);
  const template = old?.spec.template;
  if (old === undefined || template?.spec === undefined) return cluster;
  const containers = template.spec.containers.map((c) => ({ ...c, image: `${c.image}x` }));
  const spec = { ...old.spec, template: { ...template, spec: { ...template.spec, containers } } };
  return cluster.apply({ ...old, spec } as Deployment);
}
