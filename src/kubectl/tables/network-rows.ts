/**
 * The rows of Services, endpoints, policies and Ingresses.
 *
 * Follows: kubernetes v1.35 pkg/printers/internalversion/printers.go.
 */
import type {
  EndpointSlice,
  Endpoints,
  Ingress,
  IPAddress,
  IPAddressSpec,
  Service,
  ServiceCIDR,
  ServicePort,
} from "../../objects/index.js";
import { ageOf } from "./age.js";
import { compareText, printLabels } from "./labels.js";

/** Most items told of a list; of the rest, only how many. */
const MOST_SHOWN = 3;

/** Cells of a Service: name, type, cluster IP, external IP, ports, age; selector. */
export function serviceCells(service: Service, now: number): readonly string[] {
  const { spec } = service;
  return [
    service.metadata.name,
    spec.type ?? "",
    spec.clusterIPs?.[0] ?? "<none>",
    externalIpOf(service),
    printPorts(spec.ports ?? []),
    ageOf(service.metadata.creationTimestamp, now),
    printLabels(spec.selector),
  ];
}

function externalIpOf(service: Service): string {
  const { spec } = service;
  const own = spec.externalIPs ?? [];
  switch (spec.type) {
    case "ClusterIP":
    case "NodePort":
      return own.length > 0 ? own.join(",") : "<none>";
    case "LoadBalancer": {
      const given = loadBalancerText(service);
      const all = [...(given === "" ? [] : [given]), ...own];
      return all.length > 0 ? all.join(",") : "<pending>";
    }
    case "ExternalName":
      return spec.externalName ?? "";
    default:
      return "<unknown>";
  }
}

/** The server always makes wide rows, so these are never cut. */
function loadBalancerText(service: Service): string {
  const ingress = service.status?.loadBalancer?.ingress ?? [];
  const places = new Set(ingress.map((i) => i.ip || i.hostname || "").filter((p) => p !== ""));
  return [...places].sort(compareText).join(",");
}

function printPorts(ports: readonly ServicePort[]): string {
  if (ports.length === 0) return "<none>";
  const one = (p: ServicePort) =>
    (p.nodePort ?? 0) > 0 ? `${p.port}:${p.nodePort}/${p.protocol}` : `${p.port}/${p.protocol}`;
  return ports.map(one).join(",");
}

/** Cells of Endpoints: name, endpoints, age. */
export function endpointsCells(endpoints: Endpoints, now: number): readonly string[] {
  const { metadata } = endpoints;
  return [metadata.name, printEndpoints(endpoints), ageOf(metadata.creationTimestamp, now)];
}

/** The ready addresses of Endpoints, each with each port; only of one port name where it is given. */
export function printEndpoints(endpoints: Endpoints | undefined, port?: string): string {
  const subsets = endpoints?.subsets ?? [];
  if (subsets.length === 0) return "<none>";
  const all: string[] = [];
  for (const subset of subsets) {
    const addresses = subset.addresses ?? [];
    const ports = subset.ports ?? [];
    if (ports.length === 0) all.push(...addresses.map((a) => a.ip));
    for (const one of ports) {
      if (port !== undefined && (one.name ?? "") !== port) continue;
      all.push(...addresses.map((a) => joinHostPort(a.ip, one.port)));
    }
  }
  return withMore(all);
}

/** `ip:port`, with brackets around an IPv6 address. */
export function joinHostPort(ip: string, port: number): string {
  return ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
}

/** The first three, and how many more. */
export function withMore(all: readonly string[]): string {
  const shown = all.slice(0, MOST_SHOWN).join(",");
  return all.length > MOST_SHOWN ? `${shown} + ${all.length - MOST_SHOWN} more...` : shown;
}

/** Cells of an EndpointSlice: name, address type, ports, endpoints, age. */
export function sliceCells(slice: EndpointSlice, now: number): readonly string[] {
  const ports = (slice.ports ?? []).map((p) =>
    p.port === undefined ? (p.name ?? "*") : String(p.port),
  );
  const addresses = (slice.endpoints ?? []).flatMap((e) => e.addresses ?? []);
  return [
    slice.metadata.name,
    slice.addressType,
    withMore(ports) || "<unset>",
    withMore(addresses) || "<unset>",
    ageOf(slice.metadata.creationTimestamp, now),
  ];
}

/** Cells of an Ingress: name, class, hosts, address, ports, age. */
export function ingressCells(ingress: Ingress, now: number): readonly string[] {
  const places = (ingress.status?.loadBalancer?.ingress ?? []).map((i) => i.ip || i.hostname || "");
  return [
    ingress.metadata.name,
    ingress.spec?.ingressClassName ?? "<none>",
    hostsOf(ingress),
    [...new Set(places.filter((p) => p !== ""))].sort(compareText).join(","),
    (ingress.spec?.tls ?? []).length > 0 ? "80, 443" : "80",
    ageOf(ingress.metadata.creationTimestamp, now),
  ];
}

/** Hosts of the rules that have one; how many more is counted by rules, as upstream counts. */
function hostsOf(ingress: Ingress): string {
  const rules = ingress.spec?.rules ?? [];
  const shown: string[] = [];
  let isCut = false;
  for (const { host = "" } of rules) {
    if (shown.length === MOST_SHOWN) isCut = true;
    else if (host !== "") shown.push(host);
  }
  if (shown.length === 0) return "*";
  return shown.join(",") + (isCut ? ` + ${rules.length - MOST_SHOWN} more...` : "");
}

/** Cells of a ServiceCIDR: name, CIDRs, age. */
export function serviceCidrCells(cidr: ServiceCIDR, now: number): readonly string[] {
  const list = (cidr.spec?.cidrs ?? []).join(",");
  return [cidr.metadata.name, list, ageOf(cidr.metadata.creationTimestamp, now)];
}

/**
 * Cells of an IPAddress: name, parent, age. The age has no column upstream, so it is cut off, or
 * stands where a column of labels should.
 */
export function ipAddressCells(address: IPAddress, now: number): readonly string[] {
  const { metadata, spec } = address;
  return [metadata.name, parentText(spec?.parentRef), ageOf(metadata.creationTimestamp, now)];
}

function parentText(parent: IPAddressSpec["parentRef"] | undefined): string {
  if (parent === undefined) return "<none>";
  const { group = "", name = "", namespace = "", resource = "" } = parent;
  const kind = (group === "" ? resource : `${resource}.${group}`).toLowerCase();
  return [kind, ...(namespace === "" ? [] : [namespace]), name].join("/");
}
