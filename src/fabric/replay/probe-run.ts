/** Running one probe as a real socket would, and writing down what it sees. */
import { type Addr, parseAddr } from "../../addr/index.js";
import { listConnections } from "../../ipvs/index.js";
import { printEntry } from "../../netfilter/index.js";
import type { IcmpReport, Netns } from "../../netns/index.js";
import type { Trace } from "../../trace/index.js";
import type { Fabric } from "../fabric.js";
import type { Got, Probe, ServerSaw } from "./recording.js";
import { traceLines } from "./trace-lines.js";

/** How long a client waits, and when the connection tables are looked at. */
const PATIENCE_US = 600_000;
const SETTLE_US = 100_000;
/**
 * How long a UDP client of IPv4 listens on for errors after nobody answered. All 103 entries that such
 * probes left in recordings were more than a second old when they were listed (28 s left of 30), in
 * the first namespace as in the eighth; the 48 of IPv6, and all of TCP there, were less. 0.3 s is the
 * least that explains it.
 */
const HARKEN_US = 300_000;

/** A socket's view of one probe, filled in while it runs. */
interface Outcome {
  result: string | undefined;
  src: Addr | undefined;
  answeredBy: string | undefined;
  icmp: IcmpReport | undefined;
}

/**
 * Runs one probe to its end.
 *
 * Connection tables are flushed before and virtual servers set up anew, neighbour tables are not.
 */
export function runProbe(fabric: Fabric, probe: Probe, saw: ServerSaw[]): Got {
  for (const { stack } of fabric.netnses()) {
    stack.ipvs?.reset();
    for (const entry of [...stack.netfilter.conntrack.table.entries()]) {
      stack.netfilter.conntrack.table.remove(entry);
    }
  }
  saw.length = 0;
  const firstId = fabric.journeys.nextId;
  const outcome: Outcome = {
    result: undefined,
    src: undefined,
    answeredBy: undefined,
    icmp: undefined,
  };
  const netns = fabric.netns(probe.from);
  const end = ASK[probe.proto](netns, probe, outcome);
  const patienceUs = probe.timeout === undefined ? PATIENCE_US : probe.timeout * 1_000_000;
  fabric.runUntil(() => outcome.result !== undefined, patienceUs);
  // What a failed call led to is in the error queue a moment later.
  fabric.advance(1);
  // Whatever comes now finds nobody who waits.
  outcome.result ??= "timeout";
  end();
  const isSilent = outcome.result === "timeout" && probe.proto === "udp";
  if (isSilent && !probe.dst.includes(":")) fabric.advance(HARKEN_US);
  fabric.advance(SETTLE_US);
  const traces = fabric.traces(firstId);
  // What earlier probes left behind, an error of a neighbour that did not answer, say, is no part of it.
  const first = traces.find(({ cause, hops: [hop] }) => {
    return cause === undefined && hop?.netns === probe.from;
  });
  const unknown = unknownOf(traces);
  const { src, answeredBy, icmp } = outcome;
  return {
    result: outcome.result,
    src: src?.toString() ?? probe.src ?? "",
    sport: probe.sport,
    ...(answeredBy === undefined ? {} : { answered_by: answeredBy }),
    ...(icmp === undefined ? {} : { icmp: { ...icmp, from: icmp.from.toString() } }),
    server_saw: [...saw],
    conntrack: readConntrack(fabric),
    ...readConnections(fabric),
    trace: first === undefined ? {} : traceLines(first),
    ...(unknown === undefined ? {} : { unknown }),
  };
}

/** What the first packet whose fate is unknown would have needed. */
function unknownOf(traces: readonly Trace[]): string | undefined {
  const fates = traces.flatMap(({ hops }) => hops.flatMap(({ steps }) => steps));
  for (const step of fates) {
    if (step.kind !== "fate" || step.fate.kind !== "unknown") continue;
    return `${step.fate.netns}: ${step.fate.detail ?? "not modelled"}`;
  }
  return undefined;
}

function askUdp(netns: Netns, probe: Probe, outcome: Outcome): () => void {
  const to = { addr: parseAddr(probe.dst), port: probe.dport };
  const opened = netns.connectUdp({
    to,
    sport: probe.sport,
    ...optionsOf(probe),
    handlers: {
      onDatagram: ({ payload }) => {
        hear(outcome, payload.kind === "bytes" ? textOf(payload.bytes) : undefined);
      },
      onError: (errno, report) => fail(outcome, errno, report),
    },
  });
  if (opened.kind === "failed") {
    outcome.result = opened.errno;
    return () => {};
  }
  const { socket } = opened;
  outcome.src = socket.addr;
  const errno = socket.send({
    to,
    payload: { kind: "filler", lengthBytes: probe.size ?? 8 },
    pmtu: probe.df ? "do" : "want",
  });
  if (errno !== undefined) outcome.result = errno;
  return () => netns.closeUdp(socket);
}

function askTcp(netns: Netns, probe: Probe, outcome: Outcome): () => void {
  const opened = netns.connectTcp({
    to: { addr: parseAddr(probe.dst), port: probe.dport },
    sport: probe.sport,
    ...optionsOf(probe),
    handlers: {
      onData: (bytes) => {
        hear(outcome, textOf(bytes));
      },
      onError: (errno, report) => fail(outcome, errno, report),
    },
  });
  if (opened.kind === "failed") {
    outcome.result = opened.errno;
    return () => {};
  }
  const { connection } = opened;
  outcome.src = connection.local.addr;
  return () => connection.close();
}

function askIcmp(netns: Netns, probe: Probe, outcome: Outcome): () => void {
  const id = probe.sport;
  const errno = netns.ping({
    dst: parseAddr(probe.dst),
    id,
    seq: 1,
    socket: "icmp",
    lengthBytes: probe.size ?? 8,
    ...(probe.df ? { df: true } : {}),
    ...optionsOf(probe),
    handlers: {
      onReply: () => {
        outcome.result ??= "ok";
      },
      onError: (name, report) => fail(outcome, name, report),
    },
  });
  if (errno !== undefined) outcome.result = errno;
  return () => netns.closePing(id);
}

const ASK: Readonly<
  Record<Probe["proto"], (netns: Netns, probe: Probe, outcome: Outcome) => () => void>
> = { tcp: askTcp, udp: askUdp, icmp: askIcmp };

function optionsOf({ src, ttl }: Probe) {
  return {
    ...(src === undefined ? {} : { src: parseAddr(src) }),
    ...(ttl === undefined ? {} : { ttl }),
    reportErrors: true,
  };
}

function hear(outcome: Outcome, name: string | undefined): void {
  outcome.result ??= "ok";
  if (outcome.result === "ok") outcome.answeredBy ??= name;
}

function fail(outcome: Outcome, errno: string, report: IcmpReport | undefined): void {
  outcome.result ??= errno;
  outcome.icmp ??= report;
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function readConntrack(fabric: Fabric): Record<string, string[]> {
  const byNetns: [string, string[]][] = [];
  for (const { name, stack } of fabric.netnses()) {
    const nowUs = fabric.clock.nowUs;
    // Recorders ask `conntrack -L` and then `conntrack -L -f ipv6`: IPv6 entries are told twice.
    const entries = [...stack.netfilter.conntrack.table.entries()];
    const again = entries.filter((e) => e.original.family === "ip6");
    const lines = [...entries, ...again].map((e) => printEntry(e, nowUs));
    if (lines.length > 0) byNetns.push([name, lines]);
  }
  return Object.fromEntries(byNetns);
}

function readConnections(fabric: Fabric): Pick<Got, "ipvs_connections"> {
  const byNetns: [string, readonly string[]][] = [];
  for (const { name, stack } of fabric.netnses()) {
    if (stack.ipvs === undefined) continue;
    byNetns.push([name, listConnections(stack.ipvs, fabric.clock.nowUs)]);
  }
  return byNetns.length === 0 ? {} : { ipvs_connections: Object.fromEntries(byNetns) };
}
