/** What emitting the rules of a Service port takes, and the names of its chains. */
import type { Addr } from "../../addr/index.js";
import type { PortPlan } from "../choose/plan.js";
import { endpointBaseName, serviceBaseName } from "../name/nft-names.js";
import type { NftReleaseFacts } from "../release.js";
import type { NftProxyRule, NftStatement } from "./rule.js";

/** What all Service ports of a node have in common. */
export interface NftEmitOptions {
  readonly facts: NftReleaseFacts;
  /** The packet mark that asks for masquerading. */
  readonly mark: number;
  readonly isLocal: NftStatement | undefined;
  readonly isNotLocal: NftStatement | undefined;
  readonly masqueradeAll: boolean;
  readonly nodeName: string;
  readonly nodeAddr: Addr | undefined;
}

/** A chain of a Service port. */
export interface NftPortChain {
  readonly name: string;
  readonly rules: readonly NftProxyRule[];
}

/** The names of a Service port's chains, but for those of its endpoints. */
export interface NftServiceNames {
  readonly cluster: string;
  readonly local: string;
  readonly external: string;
  readonly firewall: string;
}

/** The names of a Service port's chains. */
export interface NftNames extends NftServiceNames {
  /** Names of endpoints without prefix, by endpoint text. */
  readonly endpoints: ReadonlyMap<string, string>;
}

/** The names of a Service port's chains and sets. */
export function namesOf(plan: PortPlan): NftNames {
  const names = endpointNames(plan);
  const endpoints = plan.reachable.map(({ text }, i) => [text, names[i] as string] as const);
  return { ...serviceNames(plan), endpoints: new Map(endpoints) };
}

/** The names of the chains that are not an endpoint's. */
export function serviceNames({ port }: PortPlan): NftServiceNames {
  const base = serviceBaseName(port);
  return {
    cluster: `service-${base}`,
    local: `local-${base}`,
    external: `external-${base}`,
    firewall: `firewall-${base}`,
  };
}

/** Names without prefix, in the order of `reachable`. */
export function endpointNames({ port, reachable }: PortPlan): readonly string[] {
  return reachable.map((endpoint) => endpointBaseName(port, endpoint.host, endpoint.port));
}
