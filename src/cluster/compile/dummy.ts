/** The dummy device that makes Service addresses local in ipvs mode. */
import { addrBits, makeLinkAddr } from "../../addr/index.js";
import {
  deriveMac,
  ETHERNET_MTU,
  kernelRoutes,
  type NetworkConfig,
  sortRoutes,
} from "../../cni/index.js";
import type { LinkConfig } from "../../link/index.js";
import { IPVS_DUMMY_LINK } from "../../proxy/index.js";
import type { NodeRules } from "./proxy/proxy.js";

const KUBE_PROXY = { kind: "kube-proxy" };

/**
 * Adds `kube-ipvs0` to a node if its proxy is in ipvs mode. The device is never set up; the kernel
 * takes packets for its addresses all the same.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/ipvs/netlink_linux.go `EnsureDummyDevice`,
 * `EnsureAddressBind`.
 */
export function withDummy<T extends Pick<NetworkConfig, "links" | "routes">>(
  node: string,
  network: T,
  rules: Pick<NodeRules, "virtualServers" | "dummyAddrs">,
): T {
  if (rules.virtualServers === undefined) return network;
  const link: LinkConfig = {
    index: Math.max(...network.links.map((l) => l.index)) + 1,
    name: IPVS_DUMMY_LINK,
    mac: deriveMac(node, IPVS_DUMMY_LINK),
    mtu: ETHERNET_MTU,
    up: false,
    kind: { kind: "dummy" },
    addresses: rules.dummyAddrs.map((addr) => ({
      address: makeLinkAddr(addr, addrBits(addr.family)),
      scope: "global",
      ...(addr.family === "ip4" ? { label: IPVS_DUMMY_LINK } : {}),
      origin: KUBE_PROXY,
    })),
    origin: KUBE_PROXY,
  };
  const added = kernelRoutes([link], { isForwarding6: false });
  return {
    ...network,
    links: [...network.links, link],
    routes: sortRoutes([...network.routes, ...added]),
  };
}
