/**
 * What the proxy knows of one endpoint, and reading EndpointSlices. Nothing here depends on the node
 * that asks, so that all nodes of a cluster can share one reading.
 */
import { type Addr, type Family, parseAddr } from "../../addr/index.js";
import {
  DEFAULT_RELEASE,
  type DuplicateRule,
  type ReleaseFacts,
  releaseFacts,
} from "../release.js";
import type { ProxyEndpointSlice, ProxySliceEndpoint } from "../services/object.js";
import { trySloppyAddr } from "../services/sloppy-addr.js";

/** One address and port behind a Service port. */
export interface Endpoint {
  /** `10.0.0.1:80` or `[fd00::1]:80`: identity, and the order of rules. */
  readonly text: string;
  /** The address as text. */
  readonly host: string;
  readonly addr: Addr;
  readonly port: number;
  readonly nodeName: string;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  /** Empty: no hint. */
  readonly zoneHints: readonly string[];
  readonly nodeHints: readonly string[];
}

/** The endpoints of one Service port, sorted by `text`. */
export interface PortEndpoints {
  /** One per `text`. */
  readonly list: readonly Endpoint[];
  /** Those whose `text` stands in the slices more than once, in order of slice name and place. */
  readonly contested: readonly Endpoint[];
  /** Which of these counts. */
  readonly duplicates: DuplicateRule;
  /** Whether any has a hint. */
  readonly hinted: boolean;
}

/** No endpoints at all. */
export const NO_ENDPOINTS: PortEndpoints = {
  list: [],
  contested: [],
  duplicates: releaseFacts(DEFAULT_RELEASE).duplicates,
  hinted: false,
};

/** The label that binds a slice to its Service. */
const SERVICE_NAME_LABEL = "kubernetes.io/service-name";

const ADDRESS_TYPE: Readonly<Record<Family, string>> = { ip4: "IPv4", ip6: "IPv6" };

/**
 * The Service a slice belongs to, as `ns/name`; undefined for slices this family's proxy ignores.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/endpointschangetracker.go `EndpointSliceUpdate`.
 */
export function serviceOfSlice(
  slice: ProxyEndpointSlice,
  family: Family,
  { hiddenBy }: ReleaseFacts,
): string | undefined {
  const { namespace, name, labels = {} } = slice.metadata ?? {};
  const service = labels[SERVICE_NAME_LABEL];
  if (slice.addressType !== ADDRESS_TYPE[family]) return undefined;
  if (hiddenBy.endpointSlices.some((label) => Object.hasOwn(labels, label))) return undefined;
  return service && namespace && name ? `${namespace}/${service}` : undefined;
}

/**
 * Merges the slices of one Service into endpoints per port, keyed by `ns/name:port/tcp`.
 *
 * Shape: slices are read in order of their names, so the answer does not depend on their order. The
 * real proxy reads them in Go's map order, hence by chance where one address stands in two slices.
 * Follows: Kubernetes v1.35.4 pkg/proxy/endpointslicecache.go `endpointInfoByServicePort`.
 */
export function endpointsOfService(
  service: string,
  slices: readonly ProxyEndpointSlice[],
  { duplicates }: ReleaseFacts,
): ReadonlyMap<string, PortEndpoints> {
  const byPort = new Map<string, Endpoint[]>();
  for (const slice of slices.length > 1 ? slices.toSorted(bySliceName) : slices) {
    const endpoints = slice.endpoints ?? [];
    const hosts = endpoints.map(hostOf);
    for (const { name, port, protocol } of slice.ports ?? []) {
      if (name === undefined || name === null || !port) continue;
      const spn = name === "" ? service : `${service}:${name}`;
      const key = `${spn}/${(protocol ?? "TCP").toLowerCase()}`;
      const list = byPort.get(key) ?? [];
      if (list.length === 0) byPort.set(key, list);
      for (let i = 0; i < hosts.length; i++) {
        const host = hosts[i];
        const source = endpoints[i] as ProxySliceEndpoint;
        if (host !== undefined) list.push(new SliceEndpoint(source, host, port));
      }
    }
  }
  const merged = new Map<string, PortEndpoints>();
  for (const [key, list] of byPort) if (list.length > 0) merged.set(key, settle(list, duplicates));
  return merged;
}

/** True when the endpoint runs on the node of this name. */
export function isLocalTo(endpoint: Endpoint, nodeName: string): boolean {
  return nodeName !== "" && endpoint.nodeName === nodeName;
}

/**
 * The endpoints as one node sees them. Of several entries with one address the last local one counts,
 * or from release 1.36 on the last that is not terminating; without such, the first.
 *
 * Follows: Kubernetes v1.35.4 and v1.36.0 pkg/proxy/endpointslicecache.go `addEndpoints`.
 */
export function endpointsOnNode(port: PortEndpoints, nodeName: string): readonly Endpoint[] {
  if (port.contested.length === 0) return port.list;
  const isPreferred = (endpoint: Endpoint) =>
    port.duplicates === "last-local" ? isLocalTo(endpoint, nodeName) : !endpoint.terminating;
  const chosen = new Map<string, Endpoint>();
  for (const endpoint of port.contested) {
    if (!chosen.has(endpoint.text) || isPreferred(endpoint)) chosen.set(endpoint.text, endpoint);
  }
  return port.list.map((endpoint) => chosen.get(endpoint.text) ?? endpoint);
}

function bySliceName(a: ProxyEndpointSlice, b: ProxyEndpointSlice): number {
  const left = a.metadata?.name ?? "";
  const right = b.metadata?.name ?? "";
  return left < right ? -1 : left > right ? 1 : 0;
}

function byText(a: Endpoint, b: Endpoint): number {
  return a.text < b.text ? -1 : a.text > b.text ? 1 : 0;
}

/** An entry of a slice at one of the slice's ports. */
class SliceEndpoint implements Endpoint {
  readonly text: string;
  readonly host: string;
  readonly port: number;
  readonly #source: ProxySliceEndpoint;
  #addr: Addr | undefined;

  constructor(source: ProxySliceEndpoint, host: string, port: number) {
    this.#source = source;
    this.host = host;
    this.port = port;
    this.text = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  }

  /** Read when first asked for: most texts need no address. */
  get addr(): Addr {
    this.#addr ??= parseAddr(this.host);
    return this.#addr;
  }

  get nodeName(): string {
    return this.#source.nodeName ?? "";
  }

  get ready(): boolean {
    return this.#source.conditions?.ready ?? true;
  }

  get serving(): boolean {
    return this.#source.conditions?.serving ?? true;
  }

  get terminating(): boolean {
    return this.#source.conditions?.terminating ?? false;
  }

  get zoneHints(): readonly string[] {
    return namesOf(this.#source.hints?.forZones);
  }

  get nodeHints(): readonly string[] {
    return namesOf(this.#source.hints?.forNodes);
  }
}

const NO_HINTS: readonly string[] = [];

const NOBODY: readonly Endpoint[] = [];

function namesOf(hints: readonly { readonly name: string }[] | null | undefined) {
  return hints === undefined || hints === null || hints.length === 0
    ? NO_HINTS
    : hints.map((hint) => hint.name);
}

/** The first address as RFC 5952 writes it; undefined where there is none. */
function hostOf({ addresses }: ProxySliceEndpoint): string | undefined {
  const first = addresses?.[0];
  if (first === undefined) return undefined;
  return isPlainIp4(first) ? first : trySloppyAddr(first)?.toString();
}

/** Whether a text is an IPv4 address just as it would be printed. */
function isPlainIp4(text: string): boolean {
  let octet = -1;
  let dots = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit === -2) {
      if (octet < 0) return false;
      octet = -1;
      dots++;
    } else {
      if (digit < 0 || digit > 9 || octet === 0) return false;
      octet = octet < 0 ? digit : octet * 10 + digit;
      if (octet > 255) return false;
    }
  }
  return dots === 3 && octet >= 0;
}

/** Sorts, and sets aside what stands there twice. Sorting is stable, so slice order survives. */
function settle(found: Endpoint[], duplicates: DuplicateRule): PortEndpoints {
  found.sort(byText);
  const list = found.filter((e, i) => i === 0 || found[i - 1]?.text !== e.text);
  const hinted = found.some((e) => e.zoneHints.length > 0 || e.nodeHints.length > 0);
  if (list.length === found.length) return { list, contested: NOBODY, duplicates, hinted };
  const contested = found.filter(
    (e, i) => found[i - 1]?.text === e.text || found[i + 1]?.text === e.text,
  );
  return { list, contested, duplicates, hinted };
}
