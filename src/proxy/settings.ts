/** What a proxy is told besides objects: its configuration, and facts about its node. */
import type { Addr, Family } from "../addr/index.js";
import { DEFAULT_RELEASE, type ProxyRelease, releaseFacts } from "./release.js";

/** How traffic of this node's own pods is told from other traffic (`detectLocalMode`). */
export type LocalDetector =
  /** `ClusterCIDR` and `NodeCIDR`. The text is written into the rules as it stands. */
  | { readonly kind: "cidr"; readonly cidr: string }
  | { readonly kind: "bridge-interface"; readonly link: string }
  | { readonly kind: "interface-prefix"; readonly prefix: string };

/** Configuration of one proxy; the same on all nodes as a rule. */
export interface ProxySettings {
  /** The release of kube-proxy. */
  readonly release: ProxyRelease;
  readonly family: Family;
  /** Undefined: no way to tell, so nothing is masqueraded for coming from elsewhere. */
  readonly detector: LocalDetector | undefined;
  readonly masqueradeAll: boolean;
  /** Bit of the packet mark that asks for masquerading, 0 to 31. */
  readonly masqueradeBit: number;
  /**
   * CIDRs of the addresses that take node ports, or `primary` alone; empty: all addresses. From
   * release 1.37 on the words `primary`, `localhost` and `all` may stand among CIDRs.
   */
  readonly nodePortAddresses: readonly string[];
  readonly iptables: IptablesSettings;
  readonly nftables: NftablesSettings;
  readonly ipvs: IpvsSettings;
}

/** What only iptables mode is told. */
export interface IptablesSettings {
  /** `--iptables-localhost-nodeports`; works for IPv4 only. */
  readonly localhostNodePorts: boolean;
  /** The kernel and iptables have nfacct counters. */
  readonly nfacctCounters: boolean;
  /** `net.netfilter.nf_conntrack_tcp_be_liberal` was not 0 when the proxy started. */
  readonly conntrackTcpLiberal: boolean;
  /** iptables knows `--random-fully`; not asked from release 1.37 on. */
  readonly randomFully: boolean;
}

/** What only nftables mode is told. */
export interface NftablesSettings {
  /** Of both families, in the order of the ServiceCIDR objects; empty: not known. */
  readonly serviceCIDRs: readonly string[];
}

/** What only ipvs mode is told. */
export interface IpvsSettings {
  readonly scheduler: string;
  /** Virtual servers with addresses in here are nobody's business. */
  readonly excludeCIDRs: readonly string[];
}

/** Whether iptables rules masquerade with `--random-fully`. */
export function masqueradesRandomFully({ release, iptables }: ProxySettings): boolean {
  return releaseFacts(release).alwaysRandomFully || iptables.randomFully;
}

/** What a proxy knows of its node. */
export interface ProxyNode {
  readonly name: string;
  /** Label `topology.kubernetes.io/zone`, or "". */
  readonly zone: string;
  /** Its primary address of the family. */
  readonly primaryAddr: Addr | undefined;
  /** All addresses on its links, in the order of the links. */
  readonly addrs: readonly Addr[];
}

/** kube-proxy's defaults. */
export function defaultSettings(family: Family): ProxySettings {
  return {
    release: DEFAULT_RELEASE,
    family,
    detector: undefined,
    masqueradeAll: false,
    masqueradeBit: 14,
    nodePortAddresses: [],
    iptables: {
      localhostNodePorts: true,
      nfacctCounters: false,
      conntrackTcpLiberal: false,
      randomFully: true,
    },
    nftables: { serviceCIDRs: [] },
    ipvs: { scheduler: "rr", excludeCIDRs: [] },
  };
}
