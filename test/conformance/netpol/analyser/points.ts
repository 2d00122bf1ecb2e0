/** Single questions of netpol-analyzer over folders of manifests, and its tables of all pairs. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  isEveryPort,
  Judge,
  type Member,
  policyProtocol,
  printPorts,
  readPolicies,
  workloadsOf,
} from "../../../../src/policy/index.js";
import type { Report } from "../../suite.js";
import { manifestFiles, readLeniently } from "./manifests.js";

/** One question, or all pairs of pods against a file. */
export interface Point {
  readonly id: string;
  readonly dir: string;
  readonly source: string;
  readonly destination: string;
  readonly protocol: string | null;
  readonly port: string | null;
  readonly allowed: boolean;
  readonly allPairs?: boolean;
  readonly mode?: "bool" | "connection-set";
  readonly expectedFile?: string;
}

/** Asks a question. */
export function runPoint(point: Point, base: string, report: Report): void {
  const id = `netpol-analyzer/${point.id}`;
  const dir = join(base, point.dir);
  const files = manifestFiles(dir);
  const hasNetworks = files.some(({ text }) => /kind: *(Cluster)?UserDefinedNetwork/.test(text));
  if (!existsSync(dir)) report.skip(id, `there is no ${point.dir}`);
  else if (hasNetworks) report.skip(id, "family multi-network");
  else {
    report.check(id, () => {
      const court = openDir(files);
      return point.allPairs ? checkPairs(court, point, base) : checkOne(court, point);
    });
  }
}

interface DirCourt {
  readonly judge: Judge;
  /** Places of members by `namespace/pod` and by `namespace/workload`. */
  readonly indexOf: ReadonlyMap<string, number>;
  readonly pods: readonly string[];
}

function openDir(files: Parameters<typeof readLeniently>[0]): DirCourt {
  const objects = readLeniently(files);
  const workloads = workloadsOf(objects, { hostNetworkPods: "pod" });
  const members = workloads.flatMap((workload) => workload.members);
  const indexOf = new Map<string, number>();
  const nameOf = (member: Member) => `${member.namespace}/${member.name}`;
  let index = 0;
  for (const { namespace, name, members: own } of workloads) {
    indexOf.set(`${namespace}/${name}`, index);
    for (const member of own) indexOf.set(nameOf(member), index++);
  }
  const policies = readPolicies(objects);
  const judge = new Judge({ members, policies, blocksMatchPods: false });
  return { judge, indexOf, pods: members.map(nameOf) };
}

function endOf({ judge, indexOf }: DirCourt, name: string) {
  const index = indexOf.get(name);
  if (index === undefined) throw new Error(`no pod ${name}`);
  return judge.endOf(index);
}

function checkOne(court: DirCourt, point: Point): string | undefined {
  const [src, dst] = [endOf(court, point.source), endOf(court, point.destination)];
  const flow = { src, dst, protocol: policyProtocol(point.protocol ?? "TCP") };
  const verdict = court.judge.judgeEnds({ ...flow, port: Number(point.port) });
  return verdict.allowed === point.allowed ? undefined : JSON.stringify(verdict);
}

/** Without a port, `true` means every port. */
function checkPairs(court: DirCourt, point: Point, base: string): string | undefined {
  const lines = readFileSync(join(base, point.expectedFile ?? ""), "utf8")
    .trim()
    .split("\n");
  const wrong = lines.filter((line) => {
    const [, from = "", to = "", wanted] =
      /^src: (\S+), dest: (\S+), allowed conns: (.*)$/.exec(line.trim()) ?? [];
    const [src, dst] = [endOf(court, from), endOf(court, to)];
    const ports = court.judge.portsBetween(src, dst);
    if (point.mode === "connection-set") return printPorts(ports) !== wanted;
    if (!point.port) return String(isEveryPort(ports)) !== wanted;
    const protocol = policyProtocol(point.protocol ?? "TCP");
    const flow = { src, dst, protocol, port: Number(point.port) };
    return String(court.judge.areEndsAllowed(flow)) !== wanted;
  });
  if (lines.length < court.pods.length) return `only ${lines.length} lines`;
  return wrong.length === 0 ? undefined : `${wrong.length} wrong: ${wrong.slice(0, 3).join("; ")}`;
}
