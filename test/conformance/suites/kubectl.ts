/** What kubectl prints: tables byte for byte, and sessions typed into a real kubectl. */
import { basename } from "node:path";
import { Cluster } from "../../../src/cluster/index.js";
import { type KubectlResult, kubectl, printTable } from "../../../src/kubectl/index.js";
import {
  KINDS,
  type Kind,
  type KubeObject,
  type Node,
  parseTime,
  readObject,
} from "../../../src/objects/index.js";
import { listFiles, readJson } from "../files.js";
import type { Report, Suite } from "../suite.js";

interface TableCase {
  readonly seed: number;
  readonly resource: string;
  readonly options: Readonly<Record<string, boolean>>;
  readonly now: string;
  readonly objects: readonly unknown[];
  readonly output: string;
}

export const suite: Suite = (dir, report) => {
  for (const file of listFiles(dir, ".json")) {
    const cases = readJson<unknown>(file);
    if (!Array.isArray(cases)) continue;
    for (const [i, one] of (cases as Record<string, unknown>[]).entries()) {
      const id = `${basename(file)}#${i}`;
      if ("resource" in one) judgeTable(id, one as unknown as TableCase, report);
      if ("steps" in one) judgeSession(id, one as unknown as Session, report);
    }
  }
};

function judgeTable(id: string, one: TableCase, report: Report): void {
  const kind = (Object.keys(KINDS) as Kind[]).find((k) => KINDS[k].resource === one.resource);
  if (kind === undefined) {
    report.skip(`${id} ${one.resource}`, `no table of ${one.resource}`);
    return;
  }
  report.check(`${id} ${one.resource} seed ${one.seed}`, () => {
    const now = parseTime(one.now) ?? 0;
    const objects = one.objects.map(stored);
    const ours = printTable(kind, objects, { ...one.options, now });
    return ours === one.output ? undefined : `ours:\n${ours}\nexpected:\n${one.output}`;
  });
}

/** The object as the API server holds it: decoded, with its defaults. */
function stored(json: unknown): KubeObject {
  const read = readObject(json);
  if (read.kind !== "object") throw new Error("no object of a known kind");
  return read.object;
}

interface Step {
  readonly command: string;
  readonly stdin?: string;
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Session {
  readonly session: string;
  readonly steps: readonly Step[];
}

/** What kubectl itself names as not modelled is unsupported, not failed. */
const NOT_MODELLED = /error: (?:kubectl \S*|output format \S+) is not modelled/;

function judgeSession(id: string, one: Session, report: Report): void {
  const node = (name: string, address: string) => nodeOf(name, address);
  let cluster = Cluster.create({
    nodes: [node("node-1", "192.168.0.11"), node("node-2", "192.168.0.12")],
    dns: false,
    apiServerPort: 16443,
  });
  for (const [i, step] of one.steps.entries()) {
    const name = `${id} ${one.session} ${i}: ${step.command}`;
    const input = step.stdin === undefined ? {} : { stdin: step.stdin };
    let ours: KubectlResult;
    try {
      ours = kubectl(cluster, step.command, input);
    } catch (error) {
      report.fail(name, `threw ${error instanceof Error ? error.stack : String(error)}`);
      continue;
    }
    cluster = ours.cluster;
    const unsupported = NOT_MODELLED.exec(ours.stderr)?.[0];
    if (unsupported !== undefined) {
      report.skip(name, unsupported);
      continue;
    }
    report.check(name, () => compareStep(step, ours, cluster));
  }
}

function nodeOf(name: string, address: string): Node {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name },
    spec: {},
    status: {
      addresses: [{ type: "InternalIP", address }],
      conditions: [{ type: "Ready", status: "True" }],
      nodeInfo: {
        kubeletVersion: "v1.35.4",
        osImage: "Debian GNU/Linux 12 (bookworm)",
        kernelVersion: "6.1.0-56-amd64",
        containerRuntimeVersion: "containerd://2.0.0",
      },
    },
  } as unknown as Node;
}

function compareStep(step: Step, ours: KubectlResult, cluster: Cluster): string | undefined {
  const pairs = [
    ["stdout", step.stdout, ours.stdout],
    ["stderr", step.stderr, ours.stderr],
  ] as const;
  for (const [what, expected, got] of pairs) {
    const wanted = normalize(expected, cluster);
    const have = normalize(got, cluster);
    if (wanted !== have) return `${what}\nours:\n${have}\nexpected:\n${wanted}`;
  }
  return step.exit === ours.exit ? undefined : `exit ${ours.exit}, expected ${step.exit}`;
}

/** Puts placeholders where something varies, and makes runs of spaces one. */
function normalize(text: string, cluster: Cluster): string {
  let out = text;
  const services = cluster.list("Service").filter((s) => s.metadata.name !== "kubernetes");
  for (const { spec } of services) {
    for (const ip of spec.clusterIPs ?? [])
      if (ip !== "None") out = replaceAll(out, ip, "<cluster-ip>");
    for (const { nodePort } of spec.ports ?? []) {
      if (nodePort) out = replaceAll(out, String(nodePort), "<node-port>");
    }
  }
  for (const pod of cluster.list("Pod")) {
    for (const { ip } of pod.status?.podIPs ?? []) out = replaceAll(out, ip, "<pod-ip>");
  }
  for (const slice of cluster.list("EndpointSlice")) {
    if (slice.metadata.name !== "kubernetes") continue;
    for (const e of slice.endpoints) {
      for (const a of e.addresses) {
        out = replaceAll(out, `${a}:16443`, "<api-server>");
        out = replaceAll(out, a, "<api-server>");
      }
    }
  }
  return normalizeTexts(out, text.includes("INTERNAL-IP") || text.includes("STATUS   ROLES"));
}

function normalizeTexts(text: string, isNodes: boolean): string {
  let out = text
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, "<time>")
    .replace(/^(Created on:\s+).*$/gm, "$1<date>")
    .replace(/[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d \+0000/g, "<date>")
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<uid>")
    .replace(/resourceVersion: "\d+"/g, 'resourceVersion: "<version>"')
    .replace(/\b(web|pod-b-service|api-svc)-[0-9a-z]{5}(?=\s)/g, "$1-<id>")
    .replace(/kube-api-access-[0-9a-z]{5}\b/g, "kube-api-access-<id>")
    .replace(/\b([a-z][a-z-]*)-[0-9a-z]{8,10}-[0-9a-z]{5}\b/g, "$1-<hash>-<id>")
    .replace(/(pod-template-hash=|replicaset\.apps\/web-|(?<=^)web-)[0-9a-z]{8,10}\b/gm, "$1<hash>")
    .replace(/(?<=\s)\d+(s|m|h|d)(\d+[smhd])?(?=\s|$)/gm, "<age>")
    .replace(/(hostIP|- ip): 192\.168\.0\.1[12]\b/g, "$1: <node-ip>");
  if (!isNodes) out = out.replace(/\bnode-[12]\b/g, "<node>");
  return out
    .split("\n")
    .map((line) => line.replace(/ +/g, " ").trimEnd())
    .join("\n")
    .replace(/\n+$/, "");
}

function replaceAll(text: string, what: string, by: string): string {
  const escaped = what.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return text.replace(new RegExp(`(?<![\\w.])${escaped}(?![\\w.]*\\d)`, "g"), by);
}
