/** The configuration that kube-proxy's vectors state, as our settings. */
import { parseAddr, parseLinkAddr, tryParseAddr } from "../../../src/addr/index.js";
import {
  DEFAULT_RELEASE,
  defaultSettings,
  type LocalDetector,
  type MarkPrinter,
  type ProxyEndpointSlice,
  type ProxyNode,
  type ProxyRelease,
  type ProxyService,
  type ProxySettings,
} from "../../../src/proxy/index.js";

/** `config` of any of the files. */
export interface VectorConfig {
  readonly ipFamily: "IPv4" | "IPv6";
  /** Release of kube-proxy that answered; absent: v1.35.4. */
  readonly release?: ProxyRelease;
  readonly nodeName: string;
  readonly nodeIP: string;
  readonly nodeLocalIPs: readonly string[];
  readonly interfaces: Readonly<Record<string, readonly string[]>>;
  readonly detectLocal: Readonly<Record<string, string>> | null;
  readonly masqueradeAll: boolean;
  readonly masqueradeBit?: number;
  readonly masqueradeMark: string;
  readonly nodePortAddresses: readonly string[] | null;
  readonly nodeLabels?: Readonly<Record<string, string>>;
  readonly topologyLabels?: Readonly<Record<string, string>>;
  readonly localhostNodePorts?: boolean;
  readonly nfacctCounters?: boolean | Readonly<Record<string, boolean>>;
  readonly conntrackTCPLiberal?: boolean;
  readonly randomFully?: boolean;
  readonly serviceCIDRs?: string;
  readonly iptables?: {
    readonly localhostNodePorts: boolean;
    readonly nfacctCounters: boolean;
    readonly conntrackTCPLiberal: boolean;
    readonly randomFully: boolean;
  };
  readonly nftables?: { readonly serviceCIDRs: string };
  readonly ipvs?: { readonly scheduler: string; readonly excludeCIDRs: readonly string[] };
}

/** One snapshot of objects. */
export interface Snapshot {
  readonly services: readonly ProxyService[];
  readonly endpointSlices: readonly ProxyEndpointSlice[];
}

/** Settings of the proxy under test. */
export function settingsOf(config: VectorConfig): ProxySettings {
  const family = config.ipFamily === "IPv6" ? "ip6" : "ip4";
  const iptables = config.iptables ?? config;
  const cidrs = config.nftables?.serviceCIDRs ?? config.serviceCIDRs ?? "";
  const { nfacctCounters } = iptables;
  return {
    ...defaultSettings(family),
    release: config.release ?? DEFAULT_RELEASE,
    detector: detectorOf(config.detectLocal),
    masqueradeAll: config.masqueradeAll,
    masqueradeBit: config.masqueradeBit ?? Math.log2(Number(config.masqueradeMark)),
    nodePortAddresses: config.nodePortAddresses ?? [],
    iptables: {
      localhostNodePorts: iptables.localhostNodePorts ?? false,
      nfacctCounters:
        typeof nfacctCounters === "object"
          ? Object.values(nfacctCounters).some(Boolean)
          : (nfacctCounters ?? false),
      conntrackTcpLiberal: iptables.conntrackTCPLiberal ?? false,
      randomFully: iptables.randomFully ?? false,
    },
    nftables: { serviceCIDRs: cidrs === "" ? [] : cidrs.split(",").map((c) => c.trim()) },
    ipvs: config.ipvs ?? { scheduler: "rr", excludeCIDRs: [] },
  };
}

/** Writes marks as wide as the recorder was told to; kube-proxy itself writes eight digits. */
export function markPrinterOf({ masqueradeMark }: VectorConfig): MarkPrinter {
  return (mark) => `0x${mark.toString(16).padStart(masqueradeMark.length - 2, "0")}`;
}

/** The node the proxy runs on. */
export function nodeOf(config: VectorConfig): ProxyNode {
  const labels = config.topologyLabels ?? config.nodeLabels ?? {};
  return {
    name: config.nodeName,
    zone: labels["topology.kubernetes.io/zone"] ?? "",
    primaryAddr: tryParseAddr(config.nodeIP),
    addrs: Object.values(config.interfaces).flatMap((list) =>
      list.map((text) => parseLinkAddr(text).addr),
    ),
  };
}

/** Addresses the upstream tracers hold to be local. */
export function localAddrsOf(config: VectorConfig): readonly string[] {
  return config.nodeLocalIPs.map((text) => parseAddr(text).toString());
}

function detectorOf(detect: VectorConfig["detectLocal"]): LocalDetector | undefined {
  switch (detect?.mode) {
    case "ClusterCIDR":
    case "NodeCIDR":
      return { kind: "cidr", cidr: detect.clusterCIDR ?? "" };
    case "BridgeInterface":
      return { kind: "bridge-interface", link: detect.bridgeInterface ?? "" };
    case "InterfaceNamePrefix":
      return { kind: "interface-prefix", prefix: detect.interfaceNamePrefix ?? "" };
    default:
      return undefined;
  }
}
