/** Names of the iptables chains of a Service port and of its endpoints. */
import { hash16 } from "./hash.js";

/** The chains one Service port can have, besides those of its endpoints. */
export interface ServiceChainNames {
  /** Choice among the endpoints of policy Cluster. */
  readonly cluster: string;
  /** Choice among the endpoints of policy Local. */
  readonly local: string;
  /** Filter of a load balancer's source ranges. */
  readonly firewall: string;
  /** Entry for traffic to external addresses. */
  readonly external: string;
}

/** What of a Service port its names are made of. */
export interface NamedPort {
  /** `ns/name:port`. */
  readonly name: string;
  /** In lower case. */
  readonly protocol: string;
}

/**
 * The names of a Service port's chains.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/iptables/proxier.go `servicePortPolicyClusterChain` and its
 * siblings: all share one hash.
 */
export function serviceChainNames({ name, protocol }: NamedPort): ServiceChainNames {
  const hash = hash16(name + protocol);
  return {
    cluster: `KUBE-SVC-${hash}`,
    local: `KUBE-SVL-${hash}`,
    firewall: `KUBE-FW-${hash}`,
    external: `KUBE-EXT-${hash}`,
  };
}

/**
 * The name of an endpoint's chain; `endpoint` as `10.0.0.1:80` or `[fd00::1]:80`.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/iptables/proxier.go `servicePortEndpointChainName`.
 */
export function endpointChainName({ name, protocol }: NamedPort, endpoint: string): string {
  return ENDPOINT_CHAIN + hash16(name + protocol, endpoint);
}

/** What the names of endpoint chains begin with. */
export const ENDPOINT_CHAIN = "KUBE-SEP-";

/** Whether a chain is one of a Service port or endpoint, hence kube-proxy's to delete. */
export function isServiceChain(name: string): boolean {
  return /^KUBE-(?:SVC|SVL|SEP|FW|EXT)-/.test(name);
}
