/** Nodes made for a cluster that was only told how many it has. */
import type { Node } from "../../objects/index.js";
import { type ClusterOptions, type ClusterSettings, defaultNodeAddr } from "../settings.js";

/** The release whose behaviour is modelled. */
const VERSION = "v1.35.4";

/** Addresses of a node for its pods on the host network, the primary family first. */
export function internalIPs(node: Node): readonly string[] {
  const addresses = node.status?.addresses ?? [];
  return addresses.filter((a) => a.type === "InternalIP").map((a) => a.address);
}

/** The nodes a user asked for: so many, or these. */
export function makeNodes(options: ClusterOptions, settings: ClusterSettings): readonly Node[] {
  const wanted = options.nodes ?? 2;
  if (typeof wanted !== "number") return wanted;
  return Array.from({ length: wanted }, (_, at) => makeNode(at, settings, options.zones ?? 0));
}

function makeNode(at: number, settings: ClusterSettings, zones: number): Node {
  const name = `node-${at + 1}`;
  const zone = zones === 0 ? {} : { "topology.kubernetes.io/zone": `zone-${(at % zones) + 1}` };
  const capacity = { cpu: "4", memory: "16Gi", pods: "110" };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: {
        "beta.kubernetes.io/arch": "amd64",
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        ...zone,
      },
    },
    spec: {},
    status: {
      addresses: [
        ...settings.families.map((family) => ({
          address: String(defaultNodeAddr(family, at)),
          type: "InternalIP",
        })),
        { address: name, type: "Hostname" },
      ],
      allocatable: capacity,
      capacity,
      conditions: [
        {
          lastHeartbeatTime: settings.time,
          lastTransitionTime: settings.time,
          message: "kubelet is posting ready status",
          reason: "KubeletReady",
          status: "True",
          type: "Ready",
        },
      ],
      nodeInfo: {
        architecture: "amd64",
        bootID: "",
        containerRuntimeVersion: "containerd://2.0.0",
        kernelVersion: "6.1.0-56-amd64",
        kubeProxyVersion: VERSION,
        kubeletVersion: VERSION,
        machineID: "",
        operatingSystem: "linux",
        osImage: "Debian GNU/Linux 12 (bookworm)",
        systemUUID: "",
      },
    },
  } as unknown as Node;
}
