/**
 * What a pod's resolv.conf says: the cluster's DNS, the search list of its namespace, `ndots:5`.
 *
 * Follows: Kubernetes v1.35.4 pkg/kubelet/network/dns/dns.go `GetPodDNS`, `generateSearchesForDNSClusterFirst`.
 */
import { parseAddr, tryParseAddr } from "../addr/index.js";
import { type Cluster, dnsAddr } from "../cluster/index.js";
import type { Pod } from "../objects/index.js";
import type { ResolverConfig } from "./dns/resolver.js";

/** Dots below which a name is searched for first, in pods (`defaultDNSOptions`). */
const clusterNdots = 5;

/** The configuration of a host that knows no server. */
export const noResolver: ResolverConfig = { servers: [], search: [], ndots: 1 };

/** The resolver of a pod, by its DNS policy and its own settings. */
export function resolverOf(pod: Pod, cluster: Cluster): ResolverConfig {
  const { dnsPolicy = "ClusterFirst", dnsConfig, hostNetwork } = pod.spec ?? {};
  const usesCluster =
    dnsPolicy === "ClusterFirstWithHostNet" || (dnsPolicy === "ClusterFirst" && !hostNetwork);
  const base = usesCluster
    ? clusterResolver(pod.metadata.namespace ?? "default", cluster)
    : noResolver;
  if (dnsConfig === undefined || dnsConfig === null) return base;
  const servers = (dnsConfig.nameservers ?? []).flatMap((text) => tryParseAddr(text) ?? []);
  const ndots = (dnsConfig.options ?? []).find((option) => option.name === "ndots")?.value;
  return {
    servers: [...base.servers, ...servers],
    search: [...base.search, ...(dnsConfig.searches ?? [])],
    ndots: ndots === undefined || ndots === null ? base.ndots : Number(ndots),
  };
}

function clusterResolver(namespace: string, { settings }: Cluster): ResolverConfig {
  const domain = settings.clusterDomain;
  return {
    servers: [parseAddr(dnsAddr(settings))],
    search: [`${namespace}.svc.${domain}`, `svc.${domain}`, domain],
    ndots: clusterNdots,
  };
}

/** The configuration as the file's text. */
export function printResolvConf({ servers, search, ndots }: ResolverConfig): string {
  const lines = [
    ...(search.length === 0 ? [] : [`search ${search.join(" ")}`]),
    ...servers.map((server) => `nameserver ${server}`),
    ...(ndots === 1 ? [] : [`options ndots:${ndots}`]),
  ];
  return lines.map((line) => `${line}\n`).join("");
}
