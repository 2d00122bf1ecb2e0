/**
 * The text of one Service port in one go, without trees in between: what `printPort` prints of
 * `emitPortRules`, many times faster, for clusters of ten thousand Services. What there is most of,
 * the chains of endpoints, goes straight into a buffer of bytes. The trees are the specification; a
 * property test holds the two together.
 */
import type { Addr } from "../../addr/index.js";
import type { TextBuffer } from "../../base/index.js";
import type { PortPlan, Refusal } from "../choose/plan.js";
import type { Endpoint } from "../endpoints/endpoint.js";
import { ENDPOINT_CHAIN, type ServiceChainNames, serviceChainNames } from "../name/chain-names.js";
import { hash16 } from "../name/hash.js";
import { probabilityText } from "./endpoint-rules.js";
import { usesFirewall } from "./firewall-chain.js";
import type { EmitOptions } from "./port-rules.js";
import { printMatch } from "./print-rule.js";
import type { PortText } from "./restore-text.js";

/** Where the chains of all Service ports are gathered. */
export interface ChainBuffers {
  /** Declarations. */
  readonly chains: TextBuffer;
  readonly rules: TextBuffer;
}

/** A Service port that is about to be written. */
export interface PortWriting {
  readonly plan: PortPlan;
  readonly names: ServiceChainNames;
  readonly options: EmitOptions;
  /** Names of the endpoints' chains without `KUBE-SEP-`, in the order of `plan.reachable`. */
  readonly endpointHashes: readonly string[];
}

/** Names everything a Service port needs. */
export function startPort(plan: PortPlan, options: EmitOptions): PortWriting {
  const { name, protocol } = plan.port;
  const prefix = name + protocol;
  return {
    plan,
    names: serviceChainNames(plan.port),
    options,
    endpointHashes: plan.reachable.map(({ text }) => hash16(prefix, text)),
  };
}

/** The chains a Service port has of its own, in the order they are declared. */
export function chainNamesOf({ plan, names, endpointHashes }: PortWriting): readonly string[] {
  const chains = ownChains(plan, names);
  for (const hash of endpointHashes) chains.push(ENDPOINT_CHAIN + hash);
  return chains;
}

function ownChains(plan: PortPlan, names: ServiceChainNames): string[] {
  const chains: string[] = [];
  if (plan.usesExternal) chains.push(names.external);
  if (usesFirewall(plan)) chains.push(names.firewall);
  if (plan.cluster.length > 0) chains.push(names.cluster);
  if (plan.local.length > 0) chains.push(names.local);
  return chains;
}

/**
 * Writes the rules of one Service port that stand in shared chains.
 *
 * Laws: same text as `printPort(emitPortRules(plan))` (test/property/proxy/write-port.prop.test.ts).
 * Follows: Kubernetes v1.35.4 pkg/proxy/iptables/proxier.go `syncProxyRules`.
 */
export function writeShared(writing: PortWriting): Pick<PortText, "filter" | "nat" | "natCount"> {
  const nat = writeNat(writing);
  return { filter: flat(writeFilter(writing)), nat: flat(nat), natCount: countLines(nat) };
}

/**
 * Writes the chains of one Service port: their declarations and their rules.
 *
 * Laws and follows: as `writeShared`.
 */
export function writeChains(writing: PortWriting, { chains, rules }: ChainBuffers): void {
  const { plan, names, options, endpointHashes } = writing;
  for (const name of ownChains(plan, names)) chains.add(":").add(name).end(" - [0:0]");
  for (const hash of endpointHashes) chains.add(":KUBE-SEP-").add(hash).end(" - [0:0]");
  rules.lines(writeMasquerade(writing));
  if (plan.usesExternal) rules.lines(writeExternal(writing));
  if (usesFirewall(plan)) rules.lines(writeFirewall(plan, names, options.nodeAddr));
  for (const target of ["cluster", "local"] as const) {
    if (plan[target].length > 0) writeBalance(writing, target, rules);
  }
  for (let i = 0; i < endpointHashes.length; i++) writeEndpoint(writing, i, rules);
}

/** Makes one string of the pieces it was put together from; looking at a character does that. */
function flat(text: string): string {
  return text.charCodeAt(0) === 0 ? "" : text;
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}

function toAddr(plan: PortPlan, addr: Addr): string {
  const { protocol, port } = plan.port;
  return `-m ${protocol} -p ${protocol} -d ${addr} --dport ${port}`;
}

function verdictOf(refusal: Refusal): string {
  return refusal === "no endpoints" ? "REJECT" : "DROP";
}

function writeNat({ plan, names, options }: PortWriting): string {
  const { port, hasEndpoints } = plan;
  let text = "";
  const lead = (what: string, addr: Addr, chain: string) => {
    text += `-A KUBE-SERVICES -m comment --comment "${port.name} ${what}" ${toAddr(plan, addr)} -j ${chain}\n`;
  };
  if (plan.internalRefusal === undefined) {
    lead("cluster IP", port.clusterIP, names[plan.internalTarget]);
  }
  if (!hasEndpoints) return text;
  for (const addr of port.externalIPs) lead("external IP", addr, names.external);
  const balancer = usesFirewall(plan) ? names.firewall : names.external;
  for (const addr of port.loadBalancerVIPs) lead("loadbalancer IP", addr, balancer);
  if (port.nodePort !== 0) {
    const { protocol, nodePort, name } = port;
    const head = `-A KUBE-NODEPORTS -m comment --comment ${name} -m ${protocol} -p ${protocol}`;
    if (options.countLocalhost) {
      text += `${head} -d 127.0.0.0/8 --dport ${nodePort} -m nfacct --nfacct-name localhost_nps_accepted_pkts -j ${names.external}\n`;
    }
    text += `${head} --dport ${nodePort} -j ${names.external}\n`;
  }
  return text;
}

function writeFilter({ plan, names }: PortWriting): string {
  const { port, internalRefusal, externalRefusal } = plan;
  const { name, protocol } = port;
  let text = "";
  const refuse = (chain: string, addr: Addr, refusal: Refusal) => {
    text += `-A ${chain} -m comment --comment "${name} has ${refusal}" ${toAddr(plan, addr)} -j ${verdictOf(refusal)}\n`;
  };
  if (internalRefusal !== undefined) refuse("KUBE-SERVICES", port.clusterIP, internalRefusal);
  const external = externalRefusal === undefined ? [] : port.externalIPs;
  for (const addr of external) refuse("KUBE-EXTERNAL-SERVICES", addr, externalRefusal as Refusal);
  if (usesFirewall(plan)) {
    for (const addr of port.loadBalancerVIPs) {
      text += `-A KUBE-PROXY-FIREWALL -m comment --comment "${name} traffic not accepted by ${names.firewall}" ${toAddr(plan, addr)} -j DROP\n`;
    }
  }
  if (externalRefusal !== undefined) {
    for (const addr of port.loadBalancerVIPs) {
      refuse("KUBE-EXTERNAL-SERVICES", addr, externalRefusal);
    }
    if (port.nodePort !== 0) {
      text += `-A KUBE-EXTERNAL-SERVICES -m comment --comment "${name} has ${externalRefusal}" -m addrtype --dst-type LOCAL -m ${protocol} -p ${protocol} --dport ${port.nodePort} -j ${verdictOf(externalRefusal)}\n`;
    }
  }
  if (port.healthCheckNodePort !== 0) {
    text += `-A KUBE-NODEPORTS -m comment --comment "${name} health check node port" -m tcp -p tcp --dport ${port.healthCheckNodePort} -j ACCEPT\n`;
  }
  return text;
}

function writeMasquerade({ plan, names, options }: PortWriting): string {
  const { masqueradeAll, isNotLocal } = options;
  if (plan.internalRefusal !== undefined || !(masqueradeAll || isNotLocal)) return "";
  const who = masqueradeAll || isNotLocal === undefined ? "" : printMatch(isNotLocal);
  const { port } = plan;
  return `-A ${names[plan.internalTarget]} -m comment --comment "${port.name} cluster IP" ${toAddr(plan, port.clusterIP)}${who} -j KUBE-MARK-MASQ\n`;
}

function writeExternal({ plan, names, options }: PortWriting): string {
  const { port } = plan;
  const head = `-A ${names.external}`;
  const note = (what: string) =>
    `${head} -m comment --comment "${what} traffic for ${port.name} external destinations"`;
  let text = "";
  if (!port.externalPolicyLocal) {
    text += `${note("masquerade")} -j KUBE-MARK-MASQ\n`;
  } else {
    if (options.isLocal !== undefined) {
      text += `${note("pod")}${printMatch(options.isLocal)} -j ${names.cluster}\n`;
    }
    text += `${note("masquerade LOCAL")} -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ\n`;
    text += `${note("route LOCAL")} -m addrtype --src-type LOCAL -j ${names.cluster}\n`;
  }
  if (plan.externalRefusal === undefined) text += `${head} -j ${names[plan.externalTarget]}\n`;
  return text;
}

function writeFirewall(plan: PortPlan, names: ServiceChainNames, nodeAddr: Addr | undefined) {
  const { name, sourceRanges, loadBalancerVIPs } = plan.port;
  const head = `-A ${names.firewall} -m comment --comment`;
  let text = "";
  for (const range of sourceRanges) {
    text += `${head} "${name} loadbalancer IP" -s ${range} -j ${names.external}\n`;
  }
  if (nodeAddr !== undefined && sourceRanges.some((range) => range.contains(nodeAddr))) {
    for (const vip of loadBalancerVIPs) {
      text += `${head} "${name} loadbalancer IP" -s ${vip} -j ${names.external}\n`;
    }
  }
  return `${text}${head} "other traffic to ${name} will be dropped by KUBE-PROXY-FIREWALL"\n`;
}

function writeBalance(writing: PortWriting, target: "cluster" | "local", rules: TextBuffer): void {
  const { plan, options, names } = writing;
  const { name, affinitySeconds } = plan.port;
  const endpoints = plan[target];
  const hashes = hashesOf(writing, endpoints);
  const chain = names[target];
  const head = options.brief ? `-A ${chain}` : `-A ${chain} -m comment --comment "${name} -> `;
  const count = endpoints.length;
  const lead = (i: number) => {
    rules.add(head);
    if (!options.brief) rules.add((endpoints[i] as Endpoint).text).add('"');
  };
  if (affinitySeconds !== undefined) {
    for (let i = 0; i < count; i++) {
      const to = ENDPOINT_CHAIN + hashes[i];
      lead(i);
      rules.end(` -m recent --name ${to} --rcheck --seconds ${affinitySeconds} --reap -j ${to}`);
    }
  }
  for (let i = 0; i < count; i++) {
    lead(i);
    if (i < count - 1) {
      rules.add(" -m statistic --mode random --probability ").add(probabilityText(count - i));
    }
    rules.add(" -j KUBE-SEP-").end(hashes[i] as string);
  }
}

/** What names the chains of some of the reachable endpoints. */
function hashesOf(
  { plan, endpointHashes }: PortWriting,
  endpoints: readonly Endpoint[],
): readonly string[] {
  if (endpoints === plan.reachable) return endpointHashes;
  const byText = new Map(plan.reachable.map(({ text }, i) => [text, endpointHashes[i] as string]));
  return endpoints.map(({ text }) => byText.get(text) as string);
}

function writeEndpoint(writing: PortWriting, index: number, rules: TextBuffer): void {
  const { plan, options, endpointHashes } = writing;
  const { name, protocol, affinitySeconds } = plan.port;
  const { host, text } = plan.reachable[index] as Endpoint;
  const hash = endpointHashes[index] as string;
  const lead = () => {
    rules.add("-A KUBE-SEP-").add(hash);
    if (!options.brief) rules.add(" -m comment --comment ").add(name);
  };
  lead();
  rules.add(" -s ").add(host).end(" -j KUBE-MARK-MASQ");
  lead();
  if (affinitySeconds !== undefined) rules.add(` -m recent --name ${ENDPOINT_CHAIN}${hash} --set`);
  rules.add(" -m ").add(protocol).add(" -p ").add(protocol);
  rules.add(" -j DNAT --to-destination ").end(text);
}
