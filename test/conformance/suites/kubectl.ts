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
import { compareTexts } from "../placeholders.js";
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
const NOT_MODELLED = /^error: .* is not modelled$/m;

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
    report.check(name, () => compareStep(step, ours));
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
      conditions: [
        {
          type: "Ready",
          status: "True",
          lastHeartbeatTime: "2026-01-01T00:00:00Z",
          lastTransitionTime: "2026-01-01T00:00:00Z",
          reason: "KubeletReady",
          message: "",
        },
      ],
      nodeInfo: {
        architecture: "amd64",
        operatingSystem: "linux",
        kubeletVersion: "v1.35.4",
        osImage: "Debian GNU/Linux 12 (bookworm)",
        kernelVersion: "6.1.0-56-amd64",
        containerRuntimeVersion: "containerd://2.0.0",
      },
    },
  } as unknown as Node;
}

function compareStep(step: Step, ours: KubectlResult): string | undefined {
  for (const what of ["stdout", "stderr"] as const) {
    const difference = compareTexts(step[what], ours[what]);
    if (difference !== undefined) return `${what}\n${difference}`;
  }
  return step.exit === ours.exit ? undefined : `exit ${ours.exit}, expected ${step.exit}`;
}
