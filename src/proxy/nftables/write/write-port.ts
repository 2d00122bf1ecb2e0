/**
 * The part of a transaction that writes one Service port, in one go and without trees in between:
 * what `printNftPort` prints of `emitNftPort`, several times faster. The trees are the specification;
 * a property test holds the two together.
 */
import type { Addr } from "../../../addr/index.js";
import type { TextBuffer } from "../../../base/index.js";
import type { PortPlan } from "../../choose/plan.js";
import type { Endpoint } from "../../endpoints/endpoint.js";
import type { NftReleaseFacts } from "../../release.js";
import { endpointNames, type NftEmitOptions, type NftServiceNames, serviceNames } from "../emit.js";
import { hasEndpointChains, isPlainDnat, markStatement } from "../endpoint-rules.js";
import { addrType, type NftProxyElement, tableName } from "../object.js";
import { type AffinitySet, affinitySetsOf, elementsOf, isFiltered } from "../port-rules.js";
import { type NftPrintOptions, printStatement } from "../rule.js";

/** What a proxy has to remember of a Service port, and where its text is. */
export interface NftWrittenPort {
  readonly plan: PortPlan;
  readonly elements: readonly NftProxyElement[];
  readonly affinitySets: readonly AffinitySet[];
  readonly place: NftPlace;
}

/** Positions in the buffer, and operations written there. */
export interface NftPlace {
  /** What creates and empties the chains; elements may follow at `rules`. */
  readonly start: number;
  readonly rules: number;
  readonly end: number;
  readonly operations: number;
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
  /** Of its endpoints, without prefix. */
  readonly bases: readonly string[];
  readonly affinitySets: readonly AffinitySet[];
}

/** What the parts of the writer share. */
interface Writing {
  readonly plan: PortPlan;
  readonly names: NftServiceNames;
  /** Names of endpoints without prefix, in the order of `plan.reachable`; none without chains. */
  readonly bases: readonly string[];
  readonly options: NftWriteOptions;
  /** `add rule ip kube-proxy `. */
  readonly addRule: string;
  /** `ip` or `ip6`. */
  readonly ip: string;
  /** What asks for masquerading. */
  readonly mark: string;
  readonly out: TextBuffer;
}

/**
 * Writes one Service port at the end of a buffer.
 *
 * Laws: same text as `printNftPort(emitNftPort(plan))` (test/property/proxy/write-port.prop.test.ts).
 * Follows: Kubernetes v1.35.4 pkg/proxy/nftables/proxier.go `syncProxyRules`.
 */
export function writeNftPort(
  plan: PortPlan,
  options: NftWriteOptions,
  out: TextBuffer,
): NftWrittenPort {
  const names = serviceNames(plan);
  const { facts } = options.emit;
  const bases = hasEndpointChains(plan, facts) ? endpointNames(plan) : NO_NAMES;
  const { family } = options.print;
  const table = tableName(family);
  const affinitySets = affinitySetsOf(plan, bases);
  const present = options.present?.({ bases, affinitySets });
  const start = out.length;
  const firstLine = out.lineCount;
  const create = (prefix: string, name: string) => {
    if (present?.has(prefix + name)) return;
    const chain = `chain ${table} ${prefix}${name}`;
    out.lines(`add ${chain}\nflush ${chain}\n`, 2);
  };
  for (const base of bases) create("endpoint-", base);
  for (const name of ownChains(plan, names)) create("", name);
  const rules = out.length;
  const ip = family === "ip6" ? "ip6" : "ip";
  const addRule = `add rule ${table} `;
  const mark = printStatement(markStatement(facts, options.emit.mark), options.print);
  writeRules({ plan, names, bases, options, addRule, ip, mark, out }, affinitySets, present);
  return {
    plan,
    elements: elementsOf(plan, names, options.emit),
    affinitySets,
    place: { start, rules, end: out.length, operations: out.lineCount - firstLine },
  };
}

/** All chains of a Service port. */
export function nftChainsOf(plan: PortPlan, facts: NftReleaseFacts): readonly string[] {
  const own = ownChains(plan, serviceNames(plan));
  if (!hasEndpointChains(plan, facts)) return own;
  return [...endpointNames(plan).map((base) => `endpoint-${base}`), ...own];
}

const NO_NAMES: readonly string[] = [];

/** The chains that are not an endpoint's, in the order kube-proxy creates them. */
function ownChains(plan: PortPlan, names: NftServiceNames): readonly string[] {
  const chains: string[] = [];
  if (plan.cluster.length > 0) chains.push(names.cluster);
  if (plan.local.length > 0) chains.push(names.local);
  if (plan.usesExternal) chains.push(names.external);
  if (isFiltered(plan)) chains.push(names.firewall);
  return chains;
}

function writeRules(
  writing: Writing,
  affinitySets: readonly AffinitySet[],
  present: ReadonlySet<string> | undefined,
): void {
  const { plan, bases, options, out } = writing;
  writeMasquerade(writing);
  if (plan.usesExternal) writeExternal(writing);
  if (isFiltered(plan)) writeFirewall(writing);
  const { family } = options.print;
  for (const { name, timeoutSeconds } of affinitySets) {
    out.end(
      `add set ${tableName(family)} ${name} { type ${addrType(family)} ; flags dynamic,timeout ; timeout ${timeoutSeconds}s ; }`,
    );
  }
  for (const target of ["cluster", "local"] as const) {
    if (plan[target].length > 0) writeBalance(writing, target);
  }
  for (let i = 0; i < bases.length; i++) {
    if (present?.has(`endpoint-${bases[i]}`)) continue;
    writeEndpoint(writing, bases[i] as string, plan.reachable[i] as Endpoint);
  }
}

function writeMasquerade({ plan, names, options, addRule, ip, mark, out }: Writing): void {
  const { facts, masqueradeAll, isNotLocal } = options.emit;
  if (facts.layout !== "endpoint-chains") return;
  if (plan.internalRefusal !== undefined || !(masqueradeAll || isNotLocal)) return;
  const who =
    masqueradeAll || isNotLocal === undefined
      ? ""
      : `${printStatement(isNotLocal, options.print)} `;
  const chain = names[plan.internalTarget];
  out.end(`${addRule}${chain} ${ip} daddr ${plan.port.clusterIP} ${who}${mark}`);
}

function writeExternal({ plan, names, options, addRule, mark, out }: Writing): void {
  const head = `${addRule}${names.external} `;
  if (!plan.port.externalPolicyLocal) {
    const comment = options.emit.facts.layout === "dnat-maps" ? ' comment "masquerade"' : "";
    out.end(`${head}${mark}${comment}`);
  } else {
    const { isLocal } = options.emit;
    if (isLocal !== undefined) {
      const local = printStatement(isLocal, options.print);
      out.end(`${head}${local} goto ${names.cluster} comment "short-circuit pod traffic"`);
    }
    out.end(`${head}fib saddr type local ${mark} comment "masquerade local traffic"`);
    out.end(
      `${head}fib saddr type local goto ${names.cluster} comment "short-circuit local traffic"`,
    );
  }
  if (plan.externalRefusal === undefined) out.end(`${head}goto ${names[plan.externalTarget]}`);
}

function writeFirewall({ plan, names, options, addRule, ip, out }: Writing): void {
  const { sourceRanges, loadBalancerVIPs } = plan.port;
  const { nodeAddr } = options.emit;
  const inside = nodeAddr !== undefined && sourceRanges.some((r) => r.contains(nodeAddr));
  const vips: readonly Addr[] = inside ? loadBalancerVIPs : [];
  const members = [...sourceRanges, ...vips].join(" , ");
  out.end(`${addRule}${names.firewall} ${ip} saddr != { ${members} } drop`);
}

function writeBalance(writing: Writing, target: "cluster" | "local"): void {
  const { plan, names, addRule, ip, out } = writing;
  const endpoints = plan[target];
  const head = `${addRule}${names[target]} `;
  if (!hasEndpointChains(plan, writing.options.emit.facts)) {
    out.add(head);
    writeDnat(writing, endpoints);
    return;
  }
  const bases = basesOf(writing, endpoints);
  if (plan.port.affinitySeconds !== undefined) {
    for (const base of bases) {
      out.end(`${head}${ip} saddr @affinity-${base} goto endpoint-${base}`);
    }
  }
  let targets = "";
  for (let i = 0; i < bases.length; i++) {
    targets += `${i === 0 ? " " : " , "}${i} : goto endpoint-${bases[i]}`;
  }
  out.end(`${head}numgen random mod ${endpoints.length} vmap {${targets} }`);
}

/** One rule that chooses and translates. */
function writeDnat({ plan, options, ip, out }: Writing, endpoints: readonly Endpoint[]): void {
  out.add(`meta l4proto ${plan.port.protocol} dnat `);
  if (isPlainDnat(plan, options.emit.facts, endpoints)) {
    out.add("to ").end(endpoints[0]?.text ?? "");
    return;
  }
  let targets = "";
  for (let i = 0; i < endpoints.length; i++) {
    const { host, port } = endpoints[i] as Endpoint;
    targets += `${i === 0 ? " " : " , "}${i} : ${host} . ${port}`;
  }
  out.end(`${ip} addr . port to numgen random mod ${endpoints.length} map {${targets} }`);
}

/** The names of some of the reachable endpoints. */
function basesOf({ plan, bases }: Writing, endpoints: readonly Endpoint[]): readonly string[] {
  if (endpoints === plan.reachable) return bases;
  const byText = new Map(plan.reachable.map(({ text }, i) => [text, bases[i] as string]));
  return endpoints.map(({ text }) => byText.get(text) as string);
}

function writeEndpoint(
  { plan, options, addRule, ip, mark, out }: Writing,
  base: string,
  endpoint: Endpoint,
): void {
  const { protocol, affinitySeconds } = plan.port;
  const head = `${addRule}endpoint-${base} `;
  let text = "";
  let count = 1;
  if (options.emit.facts.layout === "endpoint-chains") {
    text = `${head}${ip} saddr ${endpoint.host} ${mark}\n`;
    count++;
  }
  if (affinitySeconds !== undefined) {
    text += `${head}update @affinity-${base} { ${ip} saddr }\n`;
    count++;
  }
  out.lines(`${text}${head}meta l4proto ${protocol} dnat to ${endpoint.text}\n`, count);
}
