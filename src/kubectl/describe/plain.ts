/**
 * `kubectl describe` of Namespaces, ConfigMaps, ServiceCIDRs and IPAddresses, and of kinds that have
 * no form of their own.
 *
 * Follows: kubectl v0.35 pkg/describe/describe.go.
 */
import type {
  ConfigMap,
  IPAddress,
  KubeObject,
  Namespace,
  ServiceCIDR,
} from "../../objects/index.js";
import { jsonOf } from "../output/formats.js";
import { goText } from "../output/go-value.js";
import { compareText } from "../tables/labels.js";
import { writeEvents } from "./events.js";
import type { Surroundings } from "./pod.js";
import { writeLabels, writeName } from "./workload.js";
import { DescribeWriter, longTime } from "./writer.js";

/** Describes a Namespace; quotas and limits are not modelled, so there are none. */
export function describeNamespace(one: Namespace): string {
  const w = new DescribeWriter();
  w.line(0, `Name:\t${one.metadata.name}`);
  writeLabels(w, one);
  w.line(0, `Status:\t${one.status?.phase ?? ""}`);
  w.line(0, "");
  w.line(0, "No resource quota.");
  w.line(0, "");
  w.line(0, "No LimitRange resource.");
  return w.toString();
}

/** Describes a ConfigMap: its texts as they are, and how many bytes the rest has. */
export function describeConfigMap(one: ConfigMap, { events, now }: Surroundings): string {
  const w = new DescribeWriter();
  writeName(w, one);
  writeLabels(w, one);
  w.raw("\nData\n====\n");
  const { binaryData = {}, data = {} } = one;
  for (const key of Object.keys(data).sort(compareText)) {
    w.raw(`${key}:\n----\n${data[key]}\n\n`);
  }
  w.raw("\nBinaryData\n====\n");
  for (const key of Object.keys(binaryData).sort(compareText)) {
    w.raw(`${key}: ${byteCount(binaryData[key] as string)} bytes\n`);
  }
  w.raw("\n");
  writeEvents(w, events, now);
  return w.toString();
}

/** Bytes behind a text in base64. */
function byteCount(text: string): number {
  const padding = /={0,2}$/.exec(text)?.[0].length ?? 0;
  return (text.length / 4) * 3 - padding;
}

/** Describes a ServiceCIDR. */
export function describeServiceCidr(one: ServiceCIDR, { events, now }: Surroundings): string {
  const w = new DescribeWriter();
  w.line(0, `Name:\t${one.metadata.name}`);
  writeLabels(w, one);
  w.line(0, `CIDRs:\t${(one.spec?.cidrs ?? []).join(", ")}`);
  const conditions = one.status?.conditions ?? [];
  if (conditions.length > 0) {
    w.line(0, "Status:");
    w.line(0, "Conditions:");
    w.line(1, "Type\tStatus\tLastTransitionTime\tReason\tMessage");
    w.line(1, "----\t------\t------------------\t------\t-------");
  }
  for (const { lastTransitionTime, message = "", reason = "", status, type } of conditions) {
    w.line(1, `${type}\t${status}\t${longTime(lastTransitionTime)}\t${reason}\t${message}`);
  }
  writeEvents(w, events, now);
  return w.toString();
}

/** Describes an IPAddress. */
export function describeIpAddress(one: IPAddress, { events, now }: Surroundings): string {
  const w = new DescribeWriter();
  w.line(0, `Name:\t${one.metadata.name}`);
  writeLabels(w, one);
  const parent = one.spec?.parentRef;
  if (parent !== undefined) {
    w.line(0, "Parent Reference:");
    w.line(1, `Group:\t${parent.group ?? ""}`);
    w.line(1, `Resource:\t${parent.resource ?? ""}`);
    w.line(1, `Namespace:\t${parent.namespace ?? ""}`);
    w.line(1, `Name:\t${parent.name ?? ""}`);
  }
  writeEvents(w, events, now);
  return w.toString();
}

/** Describes an object of any other kind: its head, then its fields. */
export function describeOther(object: KubeObject, { events, now }: Surroundings): string {
  const w = new DescribeWriter();
  writeName(w, object);
  writeLabels(w, object);
  writeFields(w, { level: 0, path: "" }, jsonOf(object));
  writeEvents(w, events, now);
  return w.toString();
}

const SHOWN = [
  ".metadata.name",
  ".metadata.namespace",
  ".metadata.labels",
  ".metadata.annotations",
];

interface Depth {
  readonly level: number;
  readonly path: string;
}

function writeFields(w: DescribeWriter, { level, path }: Depth, content: object): void {
  const map = content as Readonly<Record<string, unknown>>;
  for (const field of Object.keys(map).sort(compareText)) {
    const value = map[field];
    const here = `${path}.${field}`;
    if (SHOWN.includes(here) || value === undefined) continue;
    const below = { level: level + 1, path: here };
    if (typeof value !== "object" || value === null) {
      w.line(level, `${titleOf(field)}:\t${goText(value)}`);
      continue;
    }
    w.line(level, `${titleOf(field)}:`);
    for (const child of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
      if (typeof child === "object" && child !== null) writeFields(w, below, child);
      else w.line(level + 1, goText(child));
    }
  }
}

const ACRONYMS = ["API", "URL", "UID", "OSB", "GUID"];

/** `creationTimestamp` as `Creation Timestamp`. */
function titleOf(field: string): string {
  if (!/^[\p{L}-]+$/u.test(field)) return field;
  const parts = field.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|-+/g) ?? [];
  return parts
    .map((part) => {
      const upper = part.toUpperCase();
      if (ACRONYMS.includes(upper)) return upper;
      return (part[0] as string).toUpperCase() + part.slice(1).toLowerCase();
    })
    .join(" ");
}
