/**
 * conntrack-ipv6.json: connections as conntrack sees them, one packet at a time. The recording names
 * each packet in words; the table below says which packet the words mean. An experiment with words
 * that are not in it is unsupported.
 */
import type { Packet } from "../../../../src/wire/index.js";
import { icmp, Router, type SegmentFields, tcp } from "../../../support/connections.js";
import { readJson } from "../../files.js";
import type { Report } from "../../suite.js";

interface Observed {
  readonly step: string;
  readonly ctstateDelta: Readonly<Record<string, number>>;
  readonly conntrack: readonly string[];
}

interface Experiment {
  readonly name: string;
  readonly observed: readonly (Observed | string)[];
}

const client = "10.2.0.1:1000";
const server = "10.2.0.2:80";

function fromClient(flags: string, fields: SegmentFields = {}): Packet {
  return tcp(client, server, flags, fields);
}

function fromServer(flags: string, fields: SegmentFields = {}): Packet {
  return tcp(server, client, flags, fields);
}

const syn = fromClient("S", { seq: 100 });
const unknownSyn = tcp("10.2.0.1:1", server, "S", { seq: 100 });

function errorAbout(quoted: Packet, type: number, code: number): Packet {
  return icmp("10.2.0.2", "10.2.0.1", type, { code, quoted });
}

/** What the words of the recording mean, in a connection that starts at 100 and 500. */
const packets: Readonly<Record<string, Packet>> = {
  SYN: syn,
  "SYN/ACK": fromServer("SA", { seq: 500, ack: 101 }),
  ACK: fromClient("A", { seq: 101, ack: 501 }),
  data: fromClient("PA", { seq: 101, ack: 501, length: 10 }),
  ack: fromServer("A", { seq: 501, ack: 111 }),
  "FIN from client": fromClient("FA", { seq: 111, ack: 501 }),
  "ACK of FIN": fromServer("A", { seq: 501, ack: 112 }),
  "FIN from server": fromServer("FA", { seq: 501, ack: 112 }),
  "last ACK": fromClient("A", { seq: 112, ack: 502 }),
  "SYN reusing the tuple in TIME_WAIT": fromClient("S", { seq: 90_000 }),
  RST: fromServer("R", { seq: 501 }),
  "ACK after RST": fromClient("A", { seq: 101, ack: 501 }),
  "RST/ACK": fromServer("RA", { seq: 0, ack: 101 }),
  "bare ACK": fromClient("A", { seq: 101, ack: 501 }),
  "reply ACK": fromServer("A", { seq: 501, ack: 101 }),
  "SYN/ACK first": fromClient("SA", { seq: 101, ack: 501 }),
  "RST first": fromClient("R", { seq: 101 }),
  "FIN/ACK first": fromClient("FA", { seq: 101, ack: 501 }),
  "no flags": fromClient("", { seq: 101 }),
  "FIN PSH URG": fromClient("FPU", { seq: 101 }),
  "SYN+FIN": fromClient("SF", { seq: 101 }),
  "seq far outside the window": fromClient("PA", { seq: 900_000, ack: 501, length: 10 }),
  "RST outside the window": fromClient("R", { seq: 900_000 }),
  "port unreachable quoting the SYN": errorAbout(syn, 3, 3),
  "port unreachable quoting an unknown SYN": errorAbout(unknownSyn, 3, 3),
  "time exceeded quoting the SYN": errorAbout(syn, 11, 0),
};

/** Plays every experiment that is told in steps. */
export function checkConntrack(file: string, report: Report): void {
  const { experiments } = readJson<{ experiments: readonly Experiment[] }>(file);
  for (const { name, observed } of experiments) {
    const id = `conntrack/${name}`;
    const steps = observed.filter((o): o is Observed => typeof o !== "string" && "step" in o);
    const strange = steps.find(({ step }) => packets[step] === undefined)?.step;
    if (name === "IPv6 MASQUERADE") report.check(id, () => masquerade(observed.map(String)));
    else if (steps.length === 0) report.skip(id, "it is not told in steps");
    else if (strange !== undefined) report.skip(id, `nobody knows which packet "${strange}" is`);
    else report.check(id, () => play(name, steps));
  }
}

/** The entries, with runs of spaces taken as one. */
function listOf(router: Router): string[] {
  return router.list().map((line) => line.replace(/ +/g, " "));
}

/** An echo request is masqueraded as the router's address; the recording is one entry without times. */
function masquerade([line = ""]: readonly string[]): string | undefined {
  const [, src = "", dst = "", id, addr = ""] =
    /src=(\S+) dst=(\S+) type=128 code=0 id=(\d+) src=\S+ dst=(\S+)/.exec(line) ?? [];
  const router = new Router({ addr });
  router.rules.push({
    hook: "postrouting",
    matches: () => true,
    request: { kind: "MASQUERADE" },
  });
  router.forward(icmp(src, dst, 128, { id: Number(id) }));
  router.forward(icmp(dst, addr, 129, { id: Number(id) }));
  const [have = ""] = listOf(router);
  const untimed = have.replace(/^(\S+) \d+ \d+/, "$1");
  return untimed === line ? undefined : `want ${line}\n have ${untimed}`;
}

function play(name: string, steps: readonly Observed[]): string | undefined {
  const sysctls = name.includes("tcp_loose=0")
    ? { "net.netfilter.nf_conntrack_tcp_loose": "0" }
    : undefined;
  const router = new Router(sysctls === undefined ? {} : { sysctls });
  for (const { step, ctstateDelta, conntrack } of steps) {
    const skb = router.forward(packets[step] as Packet);
    const want = JSON.stringify([Object.keys(ctstateDelta), conntrack]);
    const have = JSON.stringify([[skb?.ctInfo ?? "dropped"], listOf(router)]);
    if (want !== have) return `${step}: want ${want}\n have ${have}`;
  }
  return undefined;
}
