/**
 * The part of a transaction that writes one Service port, in one go and without trees in between:
 * what `printNftPort` prints of `emitNftPort`, several times faster. The trees are the specification;
 * a property test holds the two together.
 */
import type { Addr } from "../../addr/index.js";
import type { PortPlan } from "../choose/plan.js";
import type { Endpoint } from "../endpoints/endpoint.js";
import { addrType, type NftProxyElement, tableName } from "./object.js";
import {
  type AffinitySet,
  affinitySetsOf,
  elementsOf,
  isFiltered,
  type NftEmitOptions,
  type NftNames,
  namesOf,
} from "./port-rules.js";
import type { NftPortText, NftText } from "./port-text.js";
import { type NftPrintOptions, printStatement } from "./rule.js";

/** Text, and what a proxy has to remember of it. */
export interface NftWrittenPort {
  readonly plan: PortPlan;
  readonly text: NftPortText;
  readonly chains: readonly string[];
  readonly elements: readonly NftProxyElement[];
  readonly affinitySets: readonly AffinitySet[];
}

/** How a Service port is written. */
export interface NftWriteOptions {
  readonly emit: NftEmitOptions;
  readonly print: NftPrintOptions;
  /** Endpoint chains that are there already, or undefined for none. */
  readonly present?: ((port: NftSummary) => ReadonlySet<string>) | undefined;
}

/** The names a Service port uses. */
export interface NftSummary {
  readonly endpointChains: readonly string[];
  readonly affinitySets: readonly AffinitySet[];
}

/** Counts lines as they are added. */
class Lines {
  text = "";
  operations = 0;

  add(line: string): void {
    this.text += line;
    this.text += "\n";
    this.operations++;
  }

  /** One string of the pieces; looking at a character puts them together. */
  done(): NftText {
    const { text, operations } = this;
    return { text: text.charCodeAt(0) === 0 ? "" : text, operations };
  }
}

/** What the parts of the writer share. */
interface Writing {
  readonly plan: PortPlan;
  readonly names: NftNames;
  readonly options: NftWriteOptions;
  /** `add rule ip kube-proxy `. */
  readonly addRule: string;
  /** `ip` or `ip6`. */
  readonly ip: string;
}

/**
 * Writes one Service port.
 *
 * Laws: same text as `printNftPort(emitNftPort(plan))` (test/property/proxy/write-port.prop.test.ts).
 * Follows: Kubernetes v1.35.4 pkg/proxy/nftables/proxier.go `syncProxyRules`.
 */
export function writeNftPort(plan: PortPlan, options: NftWriteOptions): NftWrittenPort {
  const names = namesOf(plan);
  const { family } = options.print;
  const table = tableName(family);
  const affinitySets = affinitySetsOf(plan, names);
  const endpointChains = plan.reachable.map(({ text }) => `endpoint-${names.endpoints.get(text)}`);
  const present = options.present?.({ endpointChains, affinitySets });
  const chains = [...endpointChains];
  if (plan.cluster.length > 0) chains.push(names.cluster);
  if (plan.local.length > 0) chains.push(names.local);
  if (plan.usesExternal) chains.push(names.external);
  const created = new Lines();
  for (const name of chains) {
    if (present?.has(name)) continue;
    created.add(`add chain ${table} ${name}`);
    created.add(`flush chain ${table} ${name}`);
  }
  const firewall = new Lines();
  if (isFiltered(plan)) {
    firewall.add(`add chain ${table} ${names.firewall}`);
    firewall.add(`flush chain ${table} ${names.firewall}`);
    chains.push(names.firewall);
  }
  const ip = family === "ip6" ? "ip6" : "ip";
  const writing = { plan, names, options, addRule: `add rule ${table} `, ip };
  const rules = writeRules(writing, affinitySets, present);
  return {
    plan,
    text: { chains: created.done(), firewall: firewall.done(), rules },
    chains,
    elements: elementsOf(plan, names),
    affinitySets,
  };
}

function writeRules(
  writing: Writing,
  affinitySets: readonly AffinitySet[],
  present: ReadonlySet<string> | undefined,
): NftText {
  const { plan, names, options } = writing;
  const lines = new Lines();
  writeMasquerade(writing, lines);
  if (plan.usesExternal) writeExternal(writing, lines);
  if (isFiltered(plan)) writeFirewall(writing, lines);
  const { family } = options.print;
  for (const { name, timeoutSeconds } of affinitySets) {
    lines.add(
      `add set ${tableName(family)} ${name} { type ${addrType(family)} ; flags dynamic,timeout ; timeout ${timeoutSeconds}s ; }`,
    );
  }
  if (plan.cluster.length > 0) writeBalance(writing, lines, [names.cluster, plan.cluster]);
  if (plan.local.length > 0) writeBalance(writing, lines, [names.local, plan.local]);
  for (const endpoint of plan.reachable) {
    const base = names.endpoints.get(endpoint.text) as string;
    if (!present?.has(`endpoint-${base}`)) writeEndpoint(writing, lines, [base, endpoint]);
  }
  return lines.done();
}

function writeMasquerade({ plan, names, options, addRule, ip }: Writing, lines: Lines): void {
  const { masqueradeAll, isNotLocal } = options.emit;
  if (plan.internalRefusal !== undefined || !(masqueradeAll || isNotLocal)) return;
  const who =
    masqueradeAll || isNotLocal === undefined
      ? ""
      : `${printStatement(isNotLocal, options.print)} `;
  const chain = names[plan.internalTarget];
  lines.add(`${addRule}${chain} ${ip} daddr ${plan.port.clusterIP} ${who}jump mark-for-masquerade`);
}

function writeExternal({ plan, names, options, addRule }: Writing, lines: Lines): void {
  const head = `${addRule}${names.external} `;
  if (!plan.port.externalPolicyLocal) {
    lines.add(`${head}jump mark-for-masquerade`);
  } else {
    const { isLocal } = options.emit;
    if (isLocal !== undefined) {
      const local = printStatement(isLocal, options.print);
      lines.add(`${head}${local} goto ${names.cluster} comment "short-circuit pod traffic"`);
    }
    lines.add(
      `${head}fib saddr type local jump mark-for-masquerade comment "masquerade local traffic"`,
    );
    lines.add(
      `${head}fib saddr type local goto ${names.cluster} comment "short-circuit local traffic"`,
    );
  }
  if (plan.externalRefusal === undefined) lines.add(`${head}goto ${names[plan.externalTarget]}`);
}

function writeFirewall({ plan, names, options, addRule, ip }: Writing, lines: Lines): void {
  const { sourceRanges, loadBalancerVIPs } = plan.port;
  const { nodeAddr } = options.emit;
  const inside = nodeAddr !== undefined && sourceRanges.some((r) => r.contains(nodeAddr));
  const vips: readonly Addr[] = inside ? loadBalancerVIPs : [];
  const members = [...sourceRanges, ...vips].join(" , ");
  lines.add(`${addRule}${names.firewall} ${ip} saddr != { ${members} } drop`);
}

function writeBalance(
  { plan, names, addRule, ip }: Writing,
  lines: Lines,
  [chain, endpoints]: readonly [string, readonly Endpoint[]],
): void {
  const head = `${addRule}${chain} `;
  if (plan.port.affinitySeconds !== undefined) {
    for (const { text } of endpoints) {
      const base = names.endpoints.get(text);
      lines.add(`${head}${ip} saddr @affinity-${base} goto endpoint-${base}`);
    }
  }
  let text = `${head}numgen random mod ${endpoints.length} vmap {`;
  for (let i = 0; i < endpoints.length; i++) {
    const base = names.endpoints.get((endpoints[i] as Endpoint).text);
    text += `${i === 0 ? " " : " , "}${i} : goto endpoint-${base}`;
  }
  lines.add(`${text} }`);
}

function writeEndpoint(
  { plan, addRule, ip }: Writing,
  lines: Lines,
  [base, endpoint]: readonly [string, Endpoint],
): void {
  const { protocol, affinitySeconds } = plan.port;
  const head = `${addRule}endpoint-${base} `;
  lines.add(`${head}${ip} saddr ${endpoint.host} jump mark-for-masquerade`);
  if (affinitySeconds !== undefined) lines.add(`${head}update @affinity-${base} { ${ip} saddr }`);
  lines.add(`${head}meta l4proto ${protocol} dnat to ${endpoint.text}`);
}
