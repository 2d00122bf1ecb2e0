/**
 * `kubectl describe` of Ingresses, with the endpoints behind their Services.
 *
 * Follows: kubectl v0.35 pkg/describe/describe.go `describeIngressV1`.
 */
import type {
  EndpointSlice,
  Ingress,
  IngressBackend,
  IngressServiceBackend,
  Service,
} from "../../objects/index.js";
import { compareText } from "../tables/labels.js";
import { writeEvents } from "./events.js";
import { endpointsText } from "./network.js";
import type { Surroundings } from "./pod.js";
import { DescribeWriter } from "./writer.js";

/** What stands behind a Service's name in the Ingress's namespace. */
export interface BackendLookup {
  readonly service: (name: string) => Service | undefined;
  readonly slices: (name: string) => readonly EndpointSlice[];
}

/** Describes an Ingress. */
export function describeIngress(
  one: Ingress,
  lookup: BackendLookup,
  { events, now }: Surroundings,
): string {
  const w = new DescribeWriter();
  const { metadata, spec, status } = one;
  w.line(0, `Name:\t${metadata.name}`);
  w.labels("Labels", metadata.labels);
  w.line(0, `Namespace:\t${metadata.namespace ?? ""}`);
  const places = (status?.loadBalancer?.ingress ?? []).map((i) => i.ip || i.hostname || "");
  const address = [...new Set(places.filter((p) => p !== ""))].sort(compareText).join(",");
  w.line(0, `Address:\t${address}`);
  w.line(0, `Ingress Class:\t${spec?.ingressClassName ?? "<none>"}`);
  const fallback = spec?.defaultBackend;
  const shown = fallback === undefined ? "<default>" : backendText(fallback, lookup);
  w.line(0, `Default backend:\t${shown}`);
  writeTls(w, one);
  writeRules(w, one, lookup, shown);
  w.annotations("Annotations", metadata.annotations);
  writeEvents(w, events, now);
  return w.toString();
}

function writeTls(w: DescribeWriter, { spec }: Ingress): void {
  const tls = spec?.tls ?? [];
  if (tls.length > 0) w.line(0, "TLS:");
  for (const { hosts = [], secretName } of tls) {
    const what = secretName ? `${secretName} terminates` : "SNI routes";
    w.line(1, `${what} ${hosts.join(",")}`);
  }
}

function writeRules(
  w: DescribeWriter,
  { spec }: Ingress,
  lookup: BackendLookup,
  fallback: string,
): void {
  w.line(0, "Rules:");
  w.line(1, "Host\tPath\tBackends");
  w.line(1, "----\t----\t--------");
  const rules = (spec?.rules ?? []).filter((rule) => rule.http !== undefined);
  for (const { host, http } of rules) {
    w.line(1, `${host || "*"}\t`);
    for (const { backend, path = "" } of http?.paths ?? []) {
      w.line(2, `\t${path} \t${backendText(backend ?? {}, lookup)}`);
    }
  }
  if (rules.length === 0) w.line(1, `*\t*\t${fallback}`);
}

function backendText({ resource, service }: IngressBackend, lookup: BackendLookup): string {
  if (service !== undefined) return serviceText(service, lookup);
  if (resource === undefined) return "";
  const { apiGroup = "<none>", kind, name } = resource;
  return `APIGroup: ${apiGroup}, Kind: ${kind}, Name: ${name}`;
}

function serviceText({ name, port }: IngressServiceBackend, lookup: BackendLookup): string {
  const shown = `${name}:${port?.number || port?.name || ""}`;
  const service = lookup.service(name);
  if (service === undefined) return `${shown} (<error: services "${name}" not found>)`;
  const isMeant = (p: { readonly port: number; readonly name?: string | undefined }) =>
    port?.number ? p.port === port.number : (p.name ?? "") !== "" && p.name === port?.name;
  const found = (service.spec.ports ?? []).filter(isMeant).at(-1);
  return `${shown} (${endpointsText(lookup.slices(name), found?.name ?? "")})`;
}
