/** `kubewire trace`: one connection between two workloads, explained packet by packet. */
import { InputError } from "../../base/index.js";
import type { Cluster } from "../../cluster/index.js";
import { type ExecResult, startSimulation } from "../../simulation/index.js";
import { type TraceLevel, traceToJson } from "../../trace/index.js";
import { type ClusterFlags, type LoadedCluster, loadCluster } from "../cluster-options.js";
import { EXIT } from "../failure.js";
import { checkLevel } from "../level.js";
import { paletteOf, type Terminal } from "../terminal.js";
import { traceDump } from "./trace-dump.js";

/** What commander read. */
export interface TraceFlags extends ClusterFlags {
  readonly from: string;
  readonly to: string;
  readonly level: TraceLevel;
  /** A folder of dumps, in place of manifests. */
  readonly dump?: string;
  readonly json?: boolean;
}

/** Runs the connection; exit status 1 when it did not come about. */
export function runTrace(flags: TraceFlags, terminal: Terminal): number {
  checkLevel(flags.level);
  if (flags.dump !== undefined) return traceDump({ ...flags, dump: flags.dump }, terminal);
  if (flags.filename.length === 0) throw noSource();
  const command = commandFor(flags.to);
  const loaded = loadCluster(flags);
  const from = findSource(loaded.cluster, flags.from, flags.namespace);
  const sim = startSimulation(loaded.cluster, { seed: flags.seed });
  const result = sim.host(from).exec(command);
  if (flags.json) terminal.out(`${JSON.stringify(asJson(from, command, result))}\n`);
  else explain({ loaded, from, command, result, level: flags.level }, terminal);
  return result.exitCode === 0 ? EXIT.holds : EXIT.fails;
}

function noSource(): InputError {
  return new InputError({
    code: "required",
    path: "--filename",
    message: "a connection needs a network",
    expected: "-f with manifests, or --dump with a folder of dumps",
  });
}

interface Explained {
  readonly loaded: LoadedCluster;
  readonly from: string;
  readonly command: string;
  readonly result: ExecResult;
  readonly level: TraceLevel;
}

function explain({ loaded, from, command, result, level }: Explained, terminal: Terminal): void {
  const palette = paletteOf(terminal);
  const { cluster, others } = loaded;
  const pods = cluster.list("Pod").length;
  const services = cluster.list("Service").length;
  terminal.out(
    palette.quiet(`${cluster.nodes.length} nodes, ${pods} pods, ${services} services\n`),
  );
  if (others.length > 0) {
    const names = others.map(({ kind, count }) => `${kind} ${count}`).join(", ");
    terminal.out(palette.quiet(`without meaning for the network: ${names}\n`));
  }
  terminal.out(`\n${palette.strong(`${from} $ ${command}`)}\n`);
  terminal.out(result.stdout + result.stderr);
  const paint = result.exitCode === 0 ? palette.good : palette.bad;
  const packets = `${result.trace.count} packets, ${result.tookUs} µs`;
  terminal.out(`${paint(`exit status ${result.exitCode}`)}  ${palette.quiet(packets)}\n\n`);
  terminal.out(`${result.trace.print({ level, palette })}\n`);
}

function asJson(from: string, command: string, result: ExecResult) {
  const { exitCode, stdout, stderr, tookUs, trace } = result;
  return { from, command, exitCode, stdout, stderr, tookUs, packets: [...trace].map(traceToJson) };
}

/** The command that opens the connection a target names. */
function commandFor(target: string): string {
  const ping = /^ping:(.+)$/.exec(target)?.[1];
  if (ping !== undefined) return `ping -c 1 ${ping}`;
  const socket = /^(tcp|udp):\/\/(\[[^\]]+\]|[^:/]+):(\d+)$/.exec(target);
  if (socket !== null) {
    const host = (socket[2] as string).replace(/^\[|\]$/g, "");
    return `nc -z -w 3 ${socket[1] === "udp" ? "-u " : ""}${host} ${socket[3]}`;
  }
  if (/^http:\/\/\S+$/.test(target)) return `curl -sS ${target}`;
  const expected = "http://NAME:PORT/PATH, tcp://NAME:PORT, udp://NAME:PORT or ping:NAME";
  const message = "is not a target";
  throw new InputError({ code: "bad-target", path: "--to", value: target, message, expected });
}

/** The pod of a name, the first pod of a workload, or a node. */
function findSource(cluster: Cluster, name: string, home: string): string {
  const [namespace, workload] = name.includes("/") ? splitOnce(name) : [home, name];
  const owner = (reference: { name: string } | undefined) => reference?.name;
  const pod = cluster.list("Pod", namespace).find(({ metadata }) => {
    const parent = metadata.ownerReferences?.[0];
    const set = cluster.get("ReplicaSet", namespace, parent?.name ?? "");
    const names = [metadata.name, owner(parent), owner(set?.metadata.ownerReferences?.[0])];
    return names.includes(workload);
  });
  if (pod?.spec?.hostNetwork === true) return pod.spec.nodeName ?? "";
  if (pod !== undefined) return `${namespace}/${pod.metadata.name}`;
  if (cluster.get("Node", "", name) !== undefined) return name;
  const message = "there is no such pod, workload or node";
  const expected = "namespace/name of a pod or of what owns it, or a node";
  throw new InputError({ code: "NotFound", path: "--from", value: name, message, expected });
}

function splitOnce(name: string): [string, string] {
  const at = name.indexOf("/");
  return [name.slice(0, at), name.slice(at + 1)];
}
