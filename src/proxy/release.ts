/**
 * What differs between releases of kube-proxy, as facts that readers, compilers and reconcilers ask
 * for. Nobody else compares releases: a new one is a new record here.
 */

/** The releases whose behaviour is known, oldest first. */
export const PROXY_RELEASES = ["1.35", "1.36", "1.37"] as const;

/** A release of kube-proxy. */
export type ProxyRelease = (typeof PROXY_RELEASES)[number];

/** The release taken unless another is named: v1.35.4. */
export const DEFAULT_RELEASE: ProxyRelease = "1.35";

/** What one release does that another does not. */
export interface ReleaseFacts {
  /** Labels that hide an object from kube-proxy. */
  readonly hiddenBy: {
    readonly services: readonly string[];
    readonly endpointSlices: readonly string[];
  };
  /** Which of several entries with one address and port counts; the first, if there is no such. */
  readonly duplicates: DuplicateRule;
  /** Masquerading takes random ports even if iptables is not known to be able to. */
  readonly alwaysRandomFully: boolean;
  /** iptables mode writes everything again after an hour, however large the cluster is. */
  readonly fullSyncsLargeClusters: boolean;
  readonly conntrack: {
    /** Connections to Services that lost their last serving endpoint are forgotten, too. */
    readonly servicesWithoutEndpoints: boolean;
    /** A connection to a node port takes others to the same port and endpoint along. */
    readonly byNodePortAlone: boolean;
  };
  /** `localhost` and `all` are words for node-port addresses, and all words mix with CIDRs. */
  readonly nodePortWords: boolean;
  readonly nftables: NftReleaseFacts;
}

/** Which of several entries with one address and port counts. */
export type DuplicateRule = "last-local" | "last-not-terminating";

/** What one release does in nftables mode. */
export interface NftReleaseFacts {
  /**
   * `endpoint-chains`: each endpoint has a chain that masquerades what comes from itself, and rules
   * jump to a chain that marks. `dnat-maps`: one rule chooses and translates, only endpoints of
   * Services with session affinity have chains, rules mark by themselves, and the set
   * `hairpin-connections` tells what comes back to its sender.
   */
  readonly layout: "endpoint-chains" | "dnat-maps";
  /** A Service port with one endpoint is translated without a map (layout `dnat-maps`). */
  readonly plainSingleEndpoint: boolean;
  /** Longest comment in bytes; what is longer is cut off. Undefined: written as it is. */
  readonly commentBytesMax: number | undefined;
  /** Each full sync removes what the localhost node ports of another configuration left. */
  readonly tidiesLocalhostRejects: boolean;
}

const PROXY_NAME = "service.kubernetes.io/service-proxy-name";
const HEADLESS = "service.kubernetes.io/headless";

/** Follows: Kubernetes v1.35.4 pkg/proxy, cmd/kube-proxy/app/server.go `Run`. */
const V1_35: ReleaseFacts = {
  hiddenBy: { services: [PROXY_NAME, HEADLESS], endpointSlices: [PROXY_NAME, HEADLESS] },
  duplicates: "last-local",
  alwaysRandomFully: false,
  fullSyncsLargeClusters: true,
  conntrack: { servicesWithoutEndpoints: false, byNodePortAlone: true },
  nodePortWords: false,
  nftables: {
    layout: "endpoint-chains",
    plainSingleEndpoint: false,
    commentBytesMax: undefined,
    tidiesLocalhostRejects: false,
  },
};

/** Follows: Kubernetes v1.36.0, the same files; pkg/proxy/endpointslicecache.go `addEndpoints`. */
const V1_36: ReleaseFacts = {
  ...V1_35,
  hiddenBy: { services: [PROXY_NAME], endpointSlices: [HEADLESS] },
  duplicates: "last-not-terminating",
  conntrack: { servicesWithoutEndpoints: false, byNodePortAlone: false },
  nftables: { ...V1_35.nftables, layout: "dnat-maps" },
};

/** Follows: Kubernetes v1.37.0, the same files; knftables v0.0.21 `CommentLengthMax`. */
const V1_37: ReleaseFacts = {
  ...V1_36,
  alwaysRandomFully: true,
  fullSyncsLargeClusters: false,
  conntrack: { servicesWithoutEndpoints: true, byNodePortAlone: false },
  nodePortWords: true,
  nftables: {
    layout: "dnat-maps",
    plainSingleEndpoint: true,
    commentBytesMax: 128,
    tidiesLocalhostRejects: true,
  },
};

const FACTS: Readonly<Record<ProxyRelease, ReleaseFacts>> = {
  "1.35": V1_35,
  "1.36": V1_36,
  "1.37": V1_37,
};

/**
 * The facts of a release.
 *
 * @example
 * releaseFacts("1.37").alwaysRandomFully // true
 */
export function releaseFacts(release: ProxyRelease): ReleaseFacts {
  return FACTS[release];
}
