/**
 * What the API server says to a manifest: refused by the decoder, complained of in strict mode,
 * refused by the checks (which errors at which fields), or accepted and stored how.
 */
import { isDeepStrictEqual } from "node:util";
import type { Fault } from "../../../src/base/index.js";
import {
  checkObject,
  createService,
  KINDS,
  type KubeObject,
  printErrorBody,
  readObject,
  toJson,
} from "../../../src/objects/index.js";
import { makeAllocator } from "../../support/service-allocator.js";
import { listFiles, readJson } from "../files.js";
import type { Report, Suite } from "../suite.js";

interface Case {
  readonly seed: number;
  readonly input: unknown;
  readonly decodeError?: string;
  readonly unknownFields?: readonly string[];
  readonly errors?: readonly (readonly [string, string, string])[];
  readonly reason?: string;
  readonly accepted?: Record<string, unknown>;
}

/** The cluster that the vectors were recorded on. */
const RANGES = {
  serviceCIDRs: ["172.30.0.0/16", "fd00:10:96::/112"],
  nodePorts: [30000, 32767],
} as const;

export const suite: Suite = (dir, report) => {
  report.facts.messages = 0;
  report.facts.messagesEqual = 0;
  for (const file of listFiles(dir, ".json")) {
    const cases = readJson<unknown>(file);
    if (!Array.isArray(cases)) continue;
    for (const [i, one] of (cases as Case[]).entries()) {
      if (one.input === undefined) continue;
      const kind = (one.input as { kind?: string }).kind ?? "?";
      report.check(`${file}#${i} ${kind} seed ${one.seed}`, () => judge(one, report));
    }
  }
};

function judge(one: Case, report: Report): string | undefined {
  const read = readObject(one.input);
  if (read.kind !== "object") return `read as ${read.kind}: ${JSON.stringify(read)}`;
  const wrong = read.faults.filter((f) => f.code !== "unknown-field");
  if (one.decodeError !== undefined) return judgeDecode(one.decodeError, wrong, report);
  if (wrong.length > 0) return `decoder refuses: ${wrong.map((f) => f.message).join("; ")}`;
  const unknown = read.faults.map((f) => f.message).sort(byText);
  if (!isDeepStrictEqual(unknown, [...(one.unknownFields ?? [])].sort(byText))) {
    return `unknown fields ${JSON.stringify(unknown)}, expected ${JSON.stringify(one.unknownFields)}`;
  }
  const { object, faults } = create(read.object);
  return judgeErrors(one, faults, report) ?? judgeStored(one, object);
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function judgeDecode(text: string, faults: readonly Fault[], report: Report): string | undefined {
  if (faults.length === 0) return `accepted, expected ${text}`;
  count(report, faults[0]?.message === text);
  const field = /Go struct field \w+\.(\S+) of type/.exec(text)?.[1];
  if (field === undefined) return undefined;
  const ours = faults.map((f) => /Go struct field \w+\.(\S+) of type/.exec(f.message)?.[1]);
  return ours.includes(field) ? undefined : `at ${ours.join(", ")}, expected ${field}`;
}

function count(report: Report, equal: boolean): void {
  report.facts.messages = (report.facts.messages ?? 0) + 1;
  if (equal) report.facts.messagesEqual = (report.facts.messagesEqual ?? 0) + 1;
}

function create(object: KubeObject): { object: KubeObject; faults: readonly Fault[] } {
  if (object.kind !== "Service") return { object, faults: checkObject(object) };
  const { service, faults } = createService(object, makeAllocator(RANGES).allocator);
  return { object: service, faults };
}

function judgeErrors(one: Case, faults: readonly Fault[], report: Report): string | undefined {
  if (one.errors === undefined && one.reason !== undefined && one.reason !== "Invalid") {
    const ours = faults.map((f) => f.code).join();
    return ours === one.reason ? undefined : `refused as ${ours}, expected ${one.reason}`;
  }
  const expected = (one.errors ?? []).map(([type, field]) => `${type} ${field}`).sort(byText);
  const ours = faults.map((f) => `${f.code} ${f.path}`).sort(byText);
  if (!isDeepStrictEqual(ours, expected)) {
    return `errors ${JSON.stringify(ours)}, expected ${JSON.stringify(expected)}`;
  }
  const whole = (one.input as { kind: string }).kind === "Service";
  const left = faults.map((f) => `${f.code}|${f.path}|${whole ? printErrorBody(f) : f.message}`);
  for (const [type, field, message] of one.errors ?? []) {
    const at = left.indexOf(`${type}|${field}|${message}`);
    if (at >= 0) left.splice(at, 1);
    count(report, at >= 0);
  }
  return undefined;
}

function judgeStored(one: Case, object: KubeObject): string | undefined {
  if (one.accepted === undefined) return undefined;
  const ours = plain(toJson(KINDS[object.kind].shape, object));
  const expected = plain(one.accepted);
  hideChosen(ours, expected);
  if (isDeepStrictEqual(ours, expected)) return undefined;
  return `stored ${JSON.stringify(ours)}, expected ${JSON.stringify(expected)}`;
}

type Loose = Record<string, unknown>;

/** A copy without what does not count. */
function plain(value: unknown): Loose {
  const copy = JSON.parse(JSON.stringify(value)) as Loose;
  const meta = copy.metadata as Loose | undefined;
  if (meta !== undefined) {
    if (meta.creationTimestamp === null) delete meta.creationTimestamp;
    delete meta.generation;
  }
  return copy;
}

/** Puts the placeholders of the vectors where the server chose. */
function hideChosen(ours: Loose, expected: Loose): void {
  if (expected.kind !== "Service") return;
  const [spec, wanted] = [ours.spec as Loose, expected.spec as Loose];
  if (wanted.clusterIP === "ALLOCATED" && spec.clusterIP !== undefined)
    spec.clusterIP = "ALLOCATED";
  const ips = spec.clusterIPs as string[] | undefined;
  for (const [i, ip] of ((wanted.clusterIPs ?? []) as string[]).entries()) {
    if (ip === "ALLOCATED" && ips?.[i] !== undefined) ips[i] = "ALLOCATED";
  }
  const ports = (spec.ports ?? []) as Loose[];
  for (const [i, port] of ((wanted.ports ?? []) as Loose[]).entries()) {
    const own = ports[i];
    if (port.nodePort === -1 && own?.nodePort !== undefined) own.nodePort = -1;
  }
  if (wanted.healthCheckNodePort === -1 && spec.healthCheckNodePort !== undefined) {
    spec.healthCheckNodePort = -1;
  }
}
