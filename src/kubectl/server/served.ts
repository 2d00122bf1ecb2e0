/**
 * Objects that a real control plane makes for itself and that mean nothing to the network: the range
 * and the addresses of Services as objects, and the certificate of the API server in each namespace.
 *
 * Follows: kubernetes v1.35 pkg/controlplane/controller/defaultservicecidr,
 * pkg/registry/core/service/ipallocator, pkg/controller/certificates/rootcacertpublisher.
 */
import type { Cluster } from "../../cluster/index.js";
import type { Kind, KubeObject } from "../../objects/index.js";
import { compareText } from "../tables/labels.js";

/** The objects of a kind that nobody wrote, in one namespace or in all. */
export function servedObjects(
  cluster: Cluster,
  kind: Kind,
  namespace?: string,
): readonly KubeObject[] {
  if (kind === "ServiceCIDR") return [serviceRange(cluster)];
  if (kind === "IPAddress") return clusterAddresses(cluster);
  if (kind !== "ConfigMap") return [];
  return cluster
    .list("Namespace")
    .filter((one) => namespace === undefined || one.metadata.name === namespace)
    .flatMap(({ metadata: { creationTimestamp, name } }) => [
      ...(name === "kube-system" ? [tokenTracking(cluster.settings.time)] : []),
      rootCertificate(name, creationTimestamp),
    ]);
}

/**
 * Since when old tokens of service accounts are tracked.
 *
 * Follows: kubernetes v1.35 pkg/controlplane/controller/legacytokentracking.
 */
function tokenTracking(time: string): KubeObject {
  const name = "kube-apiserver-legacy-service-account-token-tracking";
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name,
      namespace: "kube-system",
      creationTimestamp: time,
      resourceVersion: "1",
      uid: uidOf(name),
    },
    data: { since: time.slice(0, "2026-01-01".length) },
  } as unknown as KubeObject;
}

function serviceRange(cluster: Cluster): KubeObject {
  const time = cluster.settings.time;
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "ServiceCIDR",
    metadata: {
      name: "kubernetes",
      creationTimestamp: time,
      finalizers: ["networking.k8s.io/service-cidr-finalizer"],
      resourceVersion: "1",
      uid: uidOf("servicecidr"),
    },
    spec: { cidrs: cluster.settings.servicePrefixes.map(String) },
    status: {
      conditions: [
        {
          lastTransitionTime: time,
          message: "Kubernetes Service CIDR is ready",
          reason: "",
          status: "True",
          type: "Ready",
        },
      ],
    },
  } as unknown as KubeObject;
}

function clusterAddresses(cluster: Cluster): readonly KubeObject[] {
  const services = cluster.list("Service");
  const all = services.flatMap(({ metadata, spec }) =>
    (spec.clusterIPs ?? [])
      .filter((ip) => ip !== "None" && ip !== "")
      .map((ip) => ({
        apiVersion: "networking.k8s.io/v1",
        kind: "IPAddress",
        metadata: {
          name: ip,
          creationTimestamp: metadata.creationTimestamp,
          resourceVersion: metadata.resourceVersion,
          uid: uidOf(ip),
          labels: {
            "ipaddress.kubernetes.io/ip-family": ip.includes(":") ? "IPv6" : "IPv4",
            "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io",
          },
        },
        spec: {
          parentRef: {
            group: "",
            name: metadata.name,
            namespace: metadata.namespace,
            resource: "services",
          },
        },
      })),
  );
  all.sort((a, b) => compareText(a.metadata.name, b.metadata.name));
  return all as unknown as readonly KubeObject[];
}

const DESCRIPTION =
  "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.";

function rootCertificate(namespace: string, time: string | undefined): KubeObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: "kube-root-ca.crt",
      namespace,
      creationTimestamp: time,
      resourceVersion: "1",
      uid: uidOf(`ca/${namespace}`),
      annotations: { "kubernetes.io/description": DESCRIPTION },
    },
    data: { "ca.crt": "" },
  } as unknown as KubeObject;
}

/** Tells these objects apart; nothing refers to them by it. */
function uidOf(text: string): string {
  let hash = 0;
  for (const c of text) hash = (Math.imul(hash, 31) + c.charCodeAt(0)) >>> 0;
  return `00000000-0000-4000-8000-${hash.toString(16).padStart(12, "0")}`;
}
