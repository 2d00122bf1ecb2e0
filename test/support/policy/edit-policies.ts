/** Policies of every kind for random edits of clusters; some share a name, so that one replaces another. */
import type { KubeObject } from "../../../src/objects/index.js";
import { readOne } from "./cluster.js";

function network(name: string, namespace: string, spec: object): KubeObject {
  const metadata = { name, namespace };
  return readOne({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata, spec });
}

function tier(kind: string, name: string, spec: object): KubeObject {
  const version = kind === "ClusterNetworkPolicy" ? "v1alpha2" : "v1alpha1";
  const apiVersion = `policy.networking.k8s.io/${version}`;
  return readOne({ apiVersion, kind, metadata: { name }, spec });
}

const app = (n: number) => ({ matchLabels: { app: `web-${n}` } });
const everywhere = { namespaceSelector: {}, podSelector: app(1) };

/** The policies. */
export const EDIT_POLICIES: readonly KubeObject[] = [
  network("shut", "default", { podSelector: {} }),
  network("shut", "default", { podSelector: app(0), policyTypes: ["Egress"] }),
  network("open", "default", {
    podSelector: app(2),
    ingress: [{ from: [{ podSelector: app(0) }, everywhere], ports: [{ port: "http" }] }],
  }),
  network("open", "shop", {
    podSelector: {},
    ingress: [{ from: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["10.244.1.0/24"] } }] }],
    egress: [{ ports: [{ port: 53, protocol: "UDP" }] }],
  }),
  network("team", "shop", {
    podSelector: app(1),
    ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: "a" } } }] }],
  }),
  tier("AdminNetworkPolicy", "admin", {
    priority: 5,
    subject: { namespaces: {} },
    ingress: [{ action: "Pass", from: [{ namespaces: { matchLabels: { team: "b" } } }] }],
    egress: [
      {
        action: "Deny",
        to: [{ nodes: {} }],
        ports: [{ portNumber: { port: 80, protocol: "TCP" } }],
      },
    ],
  }),
  tier("ClusterNetworkPolicy", "cluster", {
    tier: "Baseline",
    priority: 5,
    subject: { pods: { namespaceSelector: {}, podSelector: app(0) } },
    egress: [{ action: "Deny", to: [{ networks: ["10.0.0.0/8", "::/0"] }] }],
    ingress: [{ action: "Deny", from: [{ namespaces: {} }] }],
  }),
];
