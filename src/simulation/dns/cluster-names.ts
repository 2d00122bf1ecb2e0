/**
 * What a name of the cluster's zone means, and which endpoints it stands for: the part of CoreDNS'
 * kubernetes plugin that looks at Services and EndpointSlices. `cluster-dns.ts` makes records of it.
 *
 * Follows: CoreDNS v1.15.0 plugin/kubernetes/parse.go `parseRequest`, kubernetes.go `findServices`,
 * `findPods`, reverse.go, object/service.go, object/endpoint.go.
 */
import type { EndpointSlice, Namespace, Service } from "../../objects/index.js";
import { labelsOf, parseHost } from "./record.js";

/** The objects that names are made of. */
export interface DnsObjects {
  readonly namespaces: readonly Pick<Namespace, "metadata">[];
  readonly services: readonly Service[];
  readonly endpointSlices: readonly EndpointSlice[];
}

/** One thing a name stands for: an address or another name, and a port of it. */
export interface Target {
  /** An address, or the name of an external service. */
  readonly host: string;
  /** -1: no port is declared. */
  readonly port: number;
  /** The target's own name, for SRV records. */
  readonly name: string;
}

/** What a look-up gives: `unknown` is a name that does not exist; an empty list is one without data. */
export type Targets = readonly Target[] | "unknown";

interface Port {
  readonly name: string;
  readonly protocol: string;
  readonly port: number;
}

interface ServiceNames {
  readonly name: string;
  readonly namespace: string;
  readonly externalName: string | undefined;
  readonly clusterIps: readonly string[];
  readonly ports: readonly Port[];
}

interface SliceNames {
  /** `service.namespace`. */
  readonly index: string;
  readonly addresses: readonly { readonly ip: string; readonly hostname: string }[];
  readonly ports: readonly Port[];
}

/** A name of the zone, taken apart. */
interface Parts {
  readonly kind?: "svc" | "pod";
  readonly namespace?: string;
  readonly service?: string;
  readonly endpoint?: string;
  readonly port?: string;
  readonly protocol?: string;
}

const serviceNameLabel = "kubernetes.io/service-name";

/** The names of one state of a cluster. */
export class ClusterNames {
  readonly #namespaces: ReadonlySet<string>;
  readonly #services = new Map<string, ServiceNames>();
  readonly #byClusterIp = new Map<string, ServiceNames>();
  readonly #slices = new Map<string, SliceNames[]>();
  readonly #byEndpointIp = new Map<string, SliceNames[]>();

  constructor(objects: DnsObjects) {
    this.#namespaces = new Set(objects.namespaces.map((n) => n.metadata.name ?? ""));
    for (const service of objects.services) this.#addService(service);
    for (const slice of sortSlices(objects.endpointSlices)) this.#addSlice(slice);
  }

  #addService(service: Service): void {
    const names = readService(service);
    this.#services.set(`${names.name}.${names.namespace}`, names);
    for (const ip of names.clusterIps) {
      if (!this.#byClusterIp.has(ip)) this.#byClusterIp.set(ip, names);
    }
  }

  #addSlice(slice: EndpointSlice): void {
    const names = readSlice(slice);
    addTo(this.#slices, names.index, names);
    for (const ip of new Set(names.addresses.map((a) => a.ip))) {
      addTo(this.#byEndpointIp, ip, names);
    }
  }

  /**
   * What a name of the zone stands for.
   *
   * Shape: `name` is in lower case and below `zone`; `zone` keeps the spelling of the question,
   * which shows in the names of targets.
   */
  find(name: string, zone: string): Targets {
    const labels = labelsOf(name).slice(0, labelsOf(name).length - labelsOf(zone).length);
    const parts = parseParts(labels);
    if (parts === undefined) return "unknown";
    const { kind, namespace, service } = parts;
    // The zone itself, and `svc` and `pod` in it, exist without data.
    if (kind === undefined || namespace === undefined) return [];
    if (!this.#namespaces.has(namespace)) return "unknown";
    if (service === undefined) return [];
    return kind === "pod"
      ? findPod(namespace, service, zone)
      : this.#findService(parts, `${service}.${namespace}`, zone);
  }

  #findService(parts: Parts, key: string, zone: string): Targets {
    const service = this.#services.get(key);
    if (service === undefined) return "unknown";
    const name = `${service.name}.${service.namespace}.svc.${zone}`;
    const { endpoint, port, protocol } = parts;
    if (service.externalName !== undefined) {
      const narrowed = endpoint !== undefined || port !== undefined || protocol !== undefined;
      if (narrowed || parseHost(service.externalName) !== undefined) return "unknown";
      return [{ host: service.externalName, port: 0, name }];
    }
    const headless = service.clusterIps[0] === "None";
    const targets =
      headless || endpoint !== undefined
        ? this.#findEndpoints(parts, key, name)
        : service.ports
            .filter((p) => matchesPort(parts, p))
            .flatMap((p) => service.clusterIps.map((host) => ({ host, port: p.port, name })));
    return targets.length === 0 ? "unknown" : targets;
  }

  #findEndpoints(parts: Parts, key: string, serviceName: string): Target[] {
    const { endpoint } = parts;
    return (this.#slices.get(key) ?? []).flatMap((slice) =>
      slice.addresses
        .filter((a) => endpoint === undefined || equalText(endpoint, a.hostname))
        .flatMap(({ ip, hostname }) => {
          const name = `${hostname}.${serviceName}`;
          const ports = slice.ports.filter((p) => matchesPort(parts, p));
          return ports.map(({ port }) => ({ host: ip, port, name }));
        }),
    );
  }

  /** The names, relative to `svc`'s zone, of an address: a Service's, else those of endpoints. */
  namesOf(ip: string): readonly string[] {
    const service = this.#byClusterIp.get(ip);
    if (service !== undefined) return [`${service.name}.${service.namespace}.svc`];
    const slices = this.#byEndpointIp.get(ip) ?? [];
    return slices.flatMap((slice) =>
      slice.addresses.filter((a) => a.ip === ip).map((a) => `${a.hostname}.${slice.index}.svc`),
    );
  }
}

function addTo<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

function sortSlices(slices: readonly EndpointSlice[]): EndpointSlice[] {
  const key = (slice: EndpointSlice) => `${slice.metadata.namespace}/${slice.metadata.name}`;
  return [...slices].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

const noPort: Port = { name: "", protocol: "", port: -1 };

function readService(service: Service): ServiceNames {
  const { metadata, spec } = service;
  const ips = spec?.clusterIPs ?? [];
  const ports = (spec?.ports ?? []).map(({ name, protocol, port }) => ({
    name: name ?? "",
    protocol: protocol ?? "TCP",
    port,
  }));
  return {
    name: metadata.name ?? "",
    namespace: metadata.namespace ?? "",
    externalName: spec?.type === "ExternalName" ? (spec.externalName ?? "") : undefined,
    clusterIps: ips.length > 0 ? ips : [spec?.clusterIP ?? ""],
    ports: ports.length > 0 ? ports : [noPort],
  };
}

function readSlice(slice: EndpointSlice): SliceNames {
  const { metadata, endpoints, ports } = slice;
  const read = (ports ?? []).map(({ name, protocol, port }) => ({
    name: name ?? "",
    protocol: protocol ?? "",
    port: port ?? -1,
  }));
  return {
    index: `${metadata.labels?.[serviceNameLabel] ?? ""}.${metadata.namespace ?? ""}`,
    addresses: (endpoints ?? [])
      .filter((e) => e.conditions?.ready !== false)
      .flatMap((e) => e.addresses.map((ip) => ({ ip, hostname: hostnameOf(ip, e.hostname) }))),
    ports: read.length > 0 ? read : [noPort],
  };
}

/** An endpoint's name: its hostname, or its address with dashes (`endpointHostname`). */
function hostnameOf(ip: string, hostname: string | undefined | null): string {
  if (hostname !== undefined && hostname !== null && hostname !== "") return hostname;
  if (ip.includes(".")) return ip.replaceAll(".", "-");
  const dashed = ip.replaceAll(":", "-");
  return dashed.endsWith("-") ? `${dashed}0` : dashed;
}

/** Takes the labels left of the zone apart; undefined when no name looks so. */
function parseParts(labels: readonly string[]): Parts | undefined {
  const [kind, namespace, service, ...rest] = [...labels].reverse();
  if (kind === undefined) return {};
  if (kind !== "svc" && kind !== "pod") return undefined;
  if (namespace === undefined) return { kind };
  if (service === undefined) return { kind, namespace };
  const [first, second, ...more] = rest;
  if (more.length > 0) return undefined;
  if (first === undefined) return { kind, namespace, service };
  if (second === undefined) return { kind, namespace, service, endpoint: first };
  const protocol = stripUnderscore(first);
  const port = stripUnderscore(second);
  return {
    kind,
    namespace,
    service,
    ...(protocol === "" ? {} : { protocol }),
    ...(port === "" ? {} : { port }),
  };
}

function stripUnderscore(label: string): string {
  return label.startsWith("_") ? label.slice(1) : label;
}

function equalText(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function matchesPort(parts: Parts, port: Port): boolean {
  const { port: name, protocol } = parts;
  if (name !== undefined && !equalText(name, port.name)) return false;
  return protocol === undefined || equalText(protocol, port.protocol);
}

/** `pods insecure`: any name that spells an address is that address. */
function findPod(namespace: string, pod: string, zone: string): Targets {
  const isFour = pod.split("-").length === 4 && !pod.includes("--");
  const host = pod.replaceAll("-", isFour ? "." : ":");
  if (parseHost(host) === undefined) return "unknown";
  return [{ host, port: 0, name: `${pod}.${namespace}.pod.${zone}` }];
}
