/** Names of the nftables chains and sets of a Service port and of its endpoints. */
import type { ServicePort } from "../services/service-port.js";
import { hash8 } from "./hash.js";

/** Longest name without its prefix: 256 less 16 for the prefix (knftables `NameLengthMax`). */
const BASE_LENGTH_MAX = 240;

/** The part of a Service port that its names are made of. */
export type NftNamedPort = Pick<ServicePort, "service" | "protocol" | "portName">;

/**
 * What the names of a Service port's chains have in common: `ULMVA6XW-ns1/svc1/tcp/p80`.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/nftables/proxier.go `servicePortChainNameBase`.
 */
export function serviceBaseName({ service, protocol, portName }: NftNamedPort): string {
  return hashAndCut(`${service}/${protocol}/${portName}`);
}

/**
 * What the names of an endpoint's chain and set have in common:
 * `5OJB2KTY-ns1/svc1/tcp/p80__10.180.0.1/80`, with dots for the colons of IPv6.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/nftables/proxier.go `servicePortEndpointChainNameBase`.
 */
export function endpointBaseName(
  { service, protocol, portName }: NftNamedPort,
  addr: string,
  port: number,
): string {
  const host = addr.includes(":") ? addr.replaceAll(":", ".") : addr;
  return hashAndCut(`${service}/${protocol}/${portName}__${host}/${port}`);
}

function hashAndCut(name: string): string {
  const full = `${hash8(name)}-${name}`;
  return full.length > BASE_LENGTH_MAX ? `${full.slice(0, BASE_LENGTH_MAX - 3)}...` : full;
}
