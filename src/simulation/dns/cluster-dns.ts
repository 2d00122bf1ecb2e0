/**
 * What the cluster's DNS answers: CoreDNS' kubernetes plugin as kubeadm configures it, as a pure
 * function of Services, EndpointSlices and Namespaces.
 *
 *   kubernetes cluster.local in-addr.arpa ip6.arpa {
 *     pods insecure
 *     fallthrough in-addr.arpa ip6.arpa
 *     ttl 30
 *   }
 */
import type { Addr } from "../../addr/index.js";
import { ClusterNames, type DnsObjects, type Target, type Targets } from "./cluster-names.js";
import {
  type DnsAnswer,
  type DnsQuestion,
  type DnsRecord,
  isBelow,
  parseHost,
  type Rcode,
  withDot,
} from "./record.js";
import { addrOfReverseName } from "./reverse-name.js";

/** How the plugin is configured. */
export interface ClusterDnsOptions {
  /** The cluster's domain, with a dot at the end. */
  readonly zone?: string;
  readonly ttl?: number;
  /** Addresses of the DNS server itself, for `ns.dns`. */
  readonly serverAddrs?: readonly Addr[];
}

/** Time to live of the schema version (`dns-version`). */
const schemaTtl = 28800;
/** The schema the names follow (kubernetes/dns docs/specification.md). */
const schemaVersion = "1.1.0";
/** Longest chain of names that are other names (`maxCnameChainLength`). */
const maxAliases = 10;

const unknown = "unknown";
type Found<T> = T | typeof unknown;

/** The cluster's DNS server over one state of the cluster. */
export class ClusterDns {
  readonly #names: ClusterNames;
  readonly #zone: string;
  readonly #ttl: number;
  readonly #serverAddrs: readonly Addr[];

  constructor(objects: DnsObjects, options: ClusterDnsOptions = {}) {
    this.#names = new ClusterNames(objects);
    this.#zone = options.zone ?? "cluster.local.";
    this.#ttl = options.ttl ?? 30;
    this.#serverAddrs = options.serverAddrs ?? [];
  }

  /**
   * Answers a question.
   *
   * Returns: undefined when the question is left to the next server: a name outside the zones, or a
   * reverse name of no Service and no endpoint.
   * Follows: CoreDNS v1.15.0 plugin/kubernetes/handler.go `ServeDNS`, plugin/backend_lookup.go.
   * Not modelled: zone transfers, MX records of Services (there are none).
   *
   * @example
   * dns.answer({ name: "web.shop.svc.cluster.local.", type: "A" })
   */
  answer(question: DnsQuestion): DnsAnswer | undefined {
    const zones = [this.#zone, "in-addr.arpa.", "ip6.arpa."];
    const matched = zones.find((zone) => isBelow(zone, question.name));
    if (matched === undefined) return undefined;
    // Answers keep the spelling of the question, the zone's part included.
    const zone = question.name.slice(-matched.length);
    const found = this.#lookup(question, zone);
    if (found === unknown) {
      return matched === this.#zone ? this.#refuse("NXDOMAIN", zone) : undefined;
    }
    const [answer, additional] = found;
    if (answer.length === 0) return this.#refuse("NOERROR", zone);
    return { rcode: "NOERROR", authoritative: true, answer, authority: [], additional };
  }

  #refuse(rcode: Rcode, zone: string): DnsAnswer {
    const authority = [this.#soa(zone)];
    return { rcode, authoritative: true, answer: [], authority, additional: [] };
  }

  #soa(zone: string): DnsRecord {
    return {
      name: zone,
      ttl: Math.min(this.#ttl, 300),
      type: "SOA",
      server: `ns.dns.${zone}`,
      mailbox: `hostmaster.${zone}`,
      serial: 1,
      refresh: 7200,
      retry: 1800,
      expire: 86400,
      minimumTtl: this.#ttl,
    };
  }

  #lookup(question: DnsQuestion, zone: string): Found<readonly [DnsRecord[], DnsRecord[]]> {
    const { name, type } = question;
    const alone = (records: Found<DnsRecord[]>): Found<readonly [DnsRecord[], DnsRecord[]]> =>
      records === unknown ? unknown : [records, []];
    switch (type) {
      case "A":
      case "AAAA":
        return alone(this.#addresses(name, type, zone, []));
      case "TXT":
        return alone(this.#text(name, zone));
      case "CNAME":
        return alone(this.#alias(name, zone));
      case "PTR":
        return alone(this.#pointers(name, zone));
      case "SRV":
        return this.#services(name, zone);
      case "SOA":
        return name === zone ? [[this.#soa(zone)], []] : [[], []];
      case "NS":
        if (name.toLowerCase() === zone) return this.#nameServers(name, zone);
        return this.#addresses(name, "A", zone, []) === unknown ? unknown : [[], []];
      case "MX":
        return this.#targets(name, zone) === unknown ? unknown : [[], []];
      case "HTTPS":
        return this.#addresses(name, "A", zone, []) === unknown ? unknown : [[], []];
    }
  }

  /** The targets of a name, for every type but those the plugin answers otherwise. */
  #targets(name: string, zone: string): Targets {
    if (isServerName(name, zone)) return [];
    return this.#names.find(name.toLowerCase(), zone);
  }

  #addresses(
    name: string,
    type: "A" | "AAAA",
    zone: string,
    aliases: readonly DnsRecord[],
  ): Found<DnsRecord[]> {
    if (isServerName(name, zone)) return this.#ownAddrs(name, type);
    const targets = this.#targets(name, zone);
    if (targets === unknown) return unknown;
    const records: DnsRecord[] = [];
    const seen = new Set<string>();
    for (const target of targets) {
      const addr = parseHost(target.host);
      if (addr === undefined) records.push(...this.#follow(name, type, zone, aliases, target));
      else if (addr.family === (type === "A" ? "ip4" : "ip6") && !seen.has(target.host)) {
        seen.add(target.host);
        records.push({ name, ttl: this.#ttl, type, addr });
      }
    }
    return records;
  }

  /** An external name: its alias record, and what the alias leads to inside the zone. */
  #follow(
    name: string,
    type: "A" | "AAAA",
    zone: string,
    aliases: readonly DnsRecord[],
    { host }: Target,
  ): readonly DnsRecord[] {
    const target = withDot(host);
    if (isBelow(name, target) || aliases.length > maxAliases) return [];
    const alias: DnsRecord = { name, ttl: this.#ttl, type: "CNAME", target };
    if (aliases.some((a) => a.type === "CNAME" && a.target === target)) return [];
    // Outside the zone an upstream resolver would be asked; the alias is given either way.
    if (!isBelow(zone, target)) return [alias];
    const next = this.#addresses(target, type, zone, [...aliases, alias]);
    return next === unknown || next.length === 0 ? [] : [alias, ...next];
  }

  #ownAddrs(name: string, type: "A" | "AAAA"): DnsRecord[] {
    const family = type === "A" ? "ip4" : "ip6";
    const addrs = this.#serverAddrs.filter((addr) => addr.family === family);
    return addrs.map((addr) => ({ name, ttl: this.#ttl, type, addr }));
  }

  #text(name: string, zone: string): Found<DnsRecord[]> {
    const lower = name.toLowerCase();
    if (lower === `dns-version.${zone}`.toLowerCase()) {
      return [{ name, ttl: schemaTtl, type: "TXT", text: schemaVersion }];
    }
    // A name that exists only without data is refused here, unlike for addresses.
    const targets = this.#names.find(lower, zone);
    return targets === unknown || targets.length === 0 ? unknown : [];
  }

  #alias(name: string, zone: string): Found<DnsRecord[]> {
    const targets = this.#targets(name, zone);
    if (targets === unknown) return unknown;
    const [first] = targets;
    if (first === undefined || parseHost(first.host) !== undefined) return [];
    return [{ name, ttl: this.#ttl, type: "CNAME", target: withDot(first.host) }];
  }

  #pointers(name: string, zone: string): Found<DnsRecord[]> {
    const addr = addrOfReverseName(name.toLowerCase());
    if (addr === undefined) return this.#targets(name, zone) === unknown ? unknown : [];
    const targets = new Set(this.#names.namesOf(addr.toString()));
    if (targets.size === 0) return unknown;
    return [...targets].map((target) => ({
      name,
      ttl: this.#ttl,
      type: "PTR",
      target: `${target}.${this.#zone}`,
    }));
  }

  #services(name: string, zone: string): Found<readonly [DnsRecord[], DnsRecord[]]> {
    const targets = this.#targets(name, zone);
    if (targets === unknown) return unknown;
    const inside = targets.filter((target) => parseHost(target.host) !== undefined);
    const weight = Math.max(1, Math.floor((100 / (100 * inside.length)) * 100));
    const answer = new Map<string, DnsRecord>();
    const additional = new Map<string, DnsRecord>();
    for (const { host, port, name: target } of inside) {
      const addr = parseHost(host);
      if (port === -1 || addr === undefined) continue;
      const key = `${target} ${port}`;
      const srv: DnsRecord = {
        name,
        ttl: this.#ttl,
        type: "SRV",
        priority: 0,
        weight,
        port,
        target,
      };
      if (!answer.has(key)) answer.set(key, srv);
      const type = addr.family === "ip4" ? "A" : "AAAA";
      const address: DnsRecord = { name: target, ttl: this.#ttl, type, addr };
      if (!additional.has(`${target} ${host}`)) additional.set(`${target} ${host}`, address);
    }
    return [[...answer.values()], [...additional.values()]];
  }

  #nameServers(name: string, zone: string): readonly [DnsRecord[], DnsRecord[]] {
    const target = `ns.dns.${zone}`;
    const additional = (["A", "AAAA"] as const).flatMap((type) => this.#ownAddrs(target, type));
    if (additional.length === 0) return [[], []];
    return [[{ name, ttl: this.#ttl, type: "NS", target }], additional];
  }
}

/** Whether a name is the server's own, which only a zone in lower case has (`isDefaultNS`). */
function isServerName(name: string, zone: string): boolean {
  return name.toLowerCase() === `ns.dns.${zone}`;
}
