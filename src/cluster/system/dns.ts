/** CoreDNS as kubeadm installs it: a Deployment of two pods and the Service `kube-dns`. */
import { addOffset, type Prefix } from "../../addr/index.js";
import type { KubeObject } from "../../objects/index.js";
import type { ClusterSettings } from "../settings.js";

/** Offset of the cluster IP of kube-dns in the first Service prefix, by convention (kubeadm). */
const DNS_OFFSET = 10;
const LABELS = { "k8s-app": "kube-dns" };
const IMAGE = "registry.k8s.io/coredns/coredns:v1.13.1";

/** The address every pod's resolver is pointed at. */
export function dnsAddr(settings: ClusterSettings): string {
  return String(addOffset((settings.servicePrefixes[0] as Prefix).addr, DNS_OFFSET));
}

/**
 * The objects of cluster DNS.
 *
 * Follows: Kubernetes v1.35.4 cmd/kubeadm/app/phases/addons/dns/manifests.go.
 */
export function makeDns(settings: ClusterSettings): readonly KubeObject[] {
  return [makeService(settings), makeDeployment()] as unknown as readonly KubeObject[];
}

function makeService(settings: ClusterSettings) {
  const clusterIP = dnsAddr(settings);
  const port = (name: string, number: number, protocol: string) => ({
    name,
    port: number,
    protocol,
    targetPort: number,
  });
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name: "kube-dns",
      namespace: "kube-system",
      annotations: { "prometheus.io/port": "9153", "prometheus.io/scrape": "true" },
      labels: {
        ...LABELS,
        "kubernetes.io/cluster-service": "true",
        "kubernetes.io/name": "CoreDNS",
      },
    },
    spec: {
      clusterIP,
      clusterIPs: [clusterIP],
      internalTrafficPolicy: "Cluster",
      ipFamilies: [settings.families[0] === "ip6" ? "IPv6" : "IPv4"],
      ipFamilyPolicy: "SingleStack",
      ports: [port("dns", 53, "UDP"), port("dns-tcp", 53, "TCP"), port("metrics", 9153, "TCP")],
      selector: LABELS,
      sessionAffinity: "None",
      type: "ClusterIP",
    },
  };
}

function makeDeployment() {
  const container = {
    name: "coredns",
    image: IMAGE,
    imagePullPolicy: "IfNotPresent",
    args: ["-conf", "/etc/coredns/Corefile"],
    ports: [
      { containerPort: 53, name: "dns", protocol: "UDP" },
      { containerPort: 53, name: "dns-tcp", protocol: "TCP" },
      { containerPort: 9153, name: "metrics", protocol: "TCP" },
    ],
    livenessProbe: { httpGet: { path: "/health", port: 8080, scheme: "HTTP" } },
    readinessProbe: { httpGet: { path: "/ready", port: 8181, scheme: "HTTP" } },
    resources: { limits: { memory: "170Mi" }, requests: { cpu: "100m", memory: "70Mi" } },
  };
  const spec = {
    containers: [container],
    dnsPolicy: "Default",
    nodeSelector: { "kubernetes.io/os": "linux" },
    priorityClassName: "system-cluster-critical",
    restartPolicy: "Always",
    schedulerName: "default-scheduler",
    serviceAccountName: "coredns",
    terminationGracePeriodSeconds: 30,
    tolerations: [
      { key: "CriticalAddonsOnly", operator: "Exists" },
      { effect: "NoSchedule", key: "node-role.kubernetes.io/control-plane" },
    ],
  };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "coredns", namespace: "kube-system", labels: LABELS },
    spec: {
      replicas: 2,
      selector: { matchLabels: LABELS },
      strategy: { rollingUpdate: { maxSurge: "25%", maxUnavailable: 1 }, type: "RollingUpdate" },
      template: { metadata: { labels: LABELS }, spec },
    },
  };
}
