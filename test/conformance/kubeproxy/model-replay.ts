/**
 * The packets of the vectors sent through our kernel model: real routing, connection tracking, NAT
 * and hooks, where the upstream tracers walk a few chains. What differs is a row of `EXPLAINED`, and
 * nothing else may differ.
 *
 *   world ── eth0 node          every address that is not the node's own is somewhere in the world
 */
import { isLoopback, parseAddr } from "../../../src/addr/index.js";
import { ModeCompiler } from "../../../src/cluster/compile/proxy/modes.js";
import { completeRules } from "../../../src/cluster/compile/proxy/rulesets.js";
import { Fabric } from "../../../src/fabric/index.js";
import type { NetnsConfig } from "../../../src/netns/index.js";
import { buildModel, isLocalTo, releaseFacts } from "../../../src/proxy/index.js";
import type { Fate, Hop, Step, Trace } from "../../../src/trace/index.js";
import {
  fillerPayload,
  printEnd,
  sctpPacket,
  type Transport,
  tcpSyn,
  udpDatagram,
} from "../../../src/wire/index.js";
import { IpWorld } from "../../support/ip-world.js";
import type { Report } from "../suite.js";
import type { ClusterAnswer } from "./flows.js";
import type { Flow } from "./iptables-trace.js";
import { nodeOf, type Snapshot, settingsOf, type VectorConfig } from "./setup.js";

/** What the model made of a packet, in the words of the vectors. */
export interface ModelAnswer {
  readonly target: string | undefined;
  readonly masq: boolean;
  readonly fate: Fate["kind"] | "sent";
}

/** A flow with what the tracer says of it. */
export interface JudgedFlow extends Flow {
  readonly expected: ClusterAnswer;
}

/** Does something to the node's namespace first, to see that it is noticed. */
export type NodeChange = (node: NetnsConfig) => NetnsConfig;

/** Sends each flow of a step through the model and compares. */
export function checkModelFlows(
  id: string,
  what: {
    readonly mode: "iptables" | "nftables";
    readonly config: VectorConfig;
    readonly objects: Snapshot;
    readonly flows: readonly JudgedFlow[];
    readonly change?: NodeChange;
  },
  report: Report,
): void {
  if (what.flows.length === 0) return;
  const { mode, config } = what;
  const world = new ModelWorld(what);
  what.flows.forEach((flow, i) => {
    report.check(`${id}/model/flow-${i}`, () => {
      const answer = world.send(flow);
      const wrong = differenceOf(answer, flow.expected);
      if (wrong === undefined) return undefined;
      const row = EXPLAINED.find((r) => r.holds({ mode, config, flow, answer, ...world }));
      if (row !== undefined) {
        const fact = `model: ${row.why}`;
        report.facts[fact] = (report.facts[fact] ?? 0) + 1;
        return undefined;
      }
      const { sourceIP, destIP, destPort, protocol, expected } = flow;
      const packet = `${sourceIP} > ${destIP}:${destPort} ${protocol}`;
      return `${packet}: ${wrong}: ours ${JSON.stringify(answer)}, tracer ${JSON.stringify(expected)}`;
    });
  });
}

/** One node in the middle of the world, with the rules of a mode. */
export class ModelWorld {
  readonly fabric: Fabric;
  readonly own: ReadonlySet<string>;
  /** Endpoints on the node, as they are written. */
  readonly here: ReadonlySet<string>;
  /** Node ports of Services: `TCP 30080`. */
  readonly nodePorts: ReadonlySet<string>;
  readonly #sources: number[] = [];

  constructor({
    mode,
    config,
    objects,
    change = (node) => node,
  }: Parameters<typeof checkModelFlows>[1]) {
    const settings = settingsOf(config);
    const node = nodeOf(config);
    const model = buildModel(objects, settings);
    const rules = new ModeCompiler(mode).compile({ model, node, settings });
    this.own = new Set(node.addrs.map((addr) => addr.toString()));
    const endpoints = model.services.values.flatMap(({ byPort }) => [...byPort.values()]);
    const here = endpoints.flatMap(({ list }) => list.filter((e) => isLocalTo(e, node.name)));
    this.here = new Set(here.map(({ text }) => text));
    const ports = objects.services.flatMap(({ spec }) => spec?.ports ?? []);
    this.nodePorts = new Set(ports.map((p) => `${p.protocol ?? "TCP"} ${p.nodePort ?? 0}`));
    const configs = worldOf(config).configs();
    const ruleset = completeRules(rules.shared, []);
    this.fabric = new Fabric(
      configs.map((netns): NetnsConfig => {
        if (netns.name !== "node") return netns;
        return change({
          ...netns,
          sysctls: new Map([...netns.sysctls, ...rules.sysctls]),
          ...(settings.family === "ip4" ? { iptables: ruleset } : { ip6tables: ruleset }),
          nftables: { tables: rules.nftables === undefined ? [] : [rules.nftables] },
        });
      }),
      { seed: "vectors", serve: () => undefined },
    );
  }

  send(flow: Flow): ModelAnswer {
    const src = parseAddr(flow.sourceIP);
    const sport = 20_000 + this.#sources.push(0);
    const from = this.own.has(src.toString()) ? "node" : "world";
    const first = this.#lastId() + 1;
    this.fabric.netns(from).send({
      src,
      dst: parseAddr(flow.destIP),
      payload: payloadOf(flow, sport),
      anySource: true,
    });
    this.fabric.advance(2_000_000);
    const trace = this.fabric.traces(first).find((t) => t.cause === undefined && isOurs(t, sport));
    return answerOf(trace?.hops.filter((hop) => hop.netns === "node") ?? []);
  }

  #lastId(): number {
    return this.fabric.traces().at(-1)?.id ?? 0;
  }
}

function worldOf({ interfaces, ipFamily }: VectorConfig): IpWorld {
  const six = ipFamily === "IPv6";
  const gateway = six ? "2001:db8::ffff" : "192.168.0.254";
  const bits = six ? 64 : 24;
  const node = Object.entries(interfaces).flatMap(([link, addrs]) =>
    link === "lo" ? [] : addrs.filter((a) => a.includes(":") === six),
  );
  const first = node[0]?.split("/")[0] ?? "";
  const ip = six ? "ip -6" : "ip";
  return new IpWorld([
    "ip link add eth0 type veth peer name eth0 netns world",
    ...node.map((addr) => `ip addr add ${addr} dev eth0`),
    "ip link set eth0 up",
    `[world] ip addr add ${gateway}/${bits} dev eth0`,
    "[world] ip link set eth0 up",
    `[world] ${ip} route add default via ${first}`,
    `${ip} route add default via ${gateway}`,
    "[world] sysctl -w net.ipv4.ip_forward=0",
    "[world] sysctl -w net.ipv6.conf.all.forwarding=0",
  ]);
}

function payloadOf({ protocol, destPort }: Flow, sport: number): Transport {
  const ports = { sport, dport: destPort };
  switch (protocol.toUpperCase()) {
    case "TCP":
      return tcpSyn({ ...ports, seq: 1 });
    case "UDP":
      return udpDatagram({ ...ports, payload: fillerPayload(5) });
    default:
      return sctpPacket({ ...ports, tag: 0, chunks: [1] });
  }
}

/** Whether a journey is that of the packet sent from this port. */
function isOurs({ hops }: Trace, sport: number): boolean {
  return hops.some(({ steps }) =>
    steps.some((step) => {
      const packet = step.kind === "chain" ? step.packet : undefined;
      const payload = packet?.payload;
      return payload !== undefined && "sport" in payload && payload.sport === sport;
    }),
  );
}

function answerOf(hops: readonly Hop[]): ModelAnswer {
  const steps: readonly Step[] = hops[0]?.steps ?? [];
  const nats = steps.filter((step) => step.kind === "nat");
  const dnat = nats.find((step) => step.how === "dnat");
  const fate = steps.find((step) => step.kind === "fate");
  const masq = nats.some((step) => step.how === "masquerade");
  const isSent = steps.some((step) => step.kind === "transmit");
  return {
    target: dnat === undefined ? undefined : printEnd(dnat.after, "dst"),
    masq,
    fate: fate?.fate.kind ?? (isSent ? "sent" : "unknown"),
  };
}

/** What the tracer's answer means for a packet. */
function differenceOf(answer: ModelAnswer, expected: ClusterAnswer): string | undefined {
  const { kind, masq, targets = [], then } = expected;
  if (kind === "DNAT") {
    if (answer.target === undefined || !targets.includes(answer.target)) return "another target";
    if (then === "DROP" || then === "REJECT") return refusal(answer, then);
    return answer.masq === masq ? undefined : "another source";
  }
  if (answer.target !== undefined) return "a target";
  if (kind === "DROP" || kind === "REJECT") return refusal(answer, kind);
  return answer.fate === "dropped" || answer.fate === "rejected" ? "refused" : undefined;
}

function refusal({ fate }: ModelAnswer, verdict: "DROP" | "REJECT"): string | undefined {
  return fate === (verdict === "DROP" ? "dropped" : "rejected") ? undefined : `not ${verdict}`;
}

/** What a row looks at. */
interface Difference {
  readonly mode: "iptables" | "nftables";
  readonly config: VectorConfig;
  readonly flow: JudgedFlow;
  readonly answer: ModelAnswer;
  /** The node's own addresses. */
  readonly own: ReadonlySet<string>;
  /** Endpoints on the node. */
  readonly here: ReadonlySet<string>;
  readonly nodePorts: ReadonlySet<string>;
}

/** Why a real kernel does otherwise than the tracers. */
export const EXPLAINED: readonly {
  readonly why: string;
  readonly holds: (difference: Difference) => boolean;
}[] = [
  {
    why: "masquerading a packet of the node itself leaves the address it has",
    holds: ({ flow, answer, own }) =>
      flow.expected.masq && !answer.masq && answer.fate !== "dropped" && own.has(flow.sourceIP),
  },
  {
    why: "of several endpoints one is chosen; it masquerades only if it is the sender itself",
    holds: ({ flow, answer }) => {
      const { masq, targets = [] } = flow.expected;
      const isSender = (target: string) => hostOf(target) === flow.sourceIP;
      return masq && !answer.masq && targets.some(isSender) && !isSender(answer.target ?? "");
    },
  },
  {
    why: "from 1.36 on the tracer compares the sender with the first target alone, wherever that is",
    holds: ({ mode, config, flow, here, answer: { target = "", masq } }) =>
      mode === "nftables" &&
      releaseFacts(settingsOf(config).release).nftables.layout === "dnat-maps" &&
      hostOf(target) === flow.sourceIP &&
      masq === here.has(target),
  },
  {
    why: "iptables mode refuses external addresses in INPUT and FORWARD, not what the node sends",
    holds: ({ mode, flow, own, answer }) =>
      mode === "iptables" &&
      own.has(flow.sourceIP) &&
      !own.has(flow.destIP) &&
      isRefusal(flow) &&
      ["sent", "unknown"].includes(answer.fate),
  },
  {
    why: "an address in a form of its own is a text to the tracers, and an address to a kernel",
    holds: ({ flow }) =>
      [flow.sourceIP, flow.destIP].some((text) => parseAddr(text).toString() !== text),
  },
  {
    why: "the tracers ask the input chains about node ports of packets that are forwarded",
    holds: ({ mode, flow, own, nodePorts, answer: { target, fate } }) => {
      const goesOn = target === undefined ? !own.has(flow.destIP) : !own.has(hostOf(target));
      const isNodePort = nodePorts.has(`${flow.protocol.toUpperCase()} ${flow.destPort}`);
      return mode === "nftables" && isRefusal(flow) && isNodePort && goesOn && fate !== "dropped";
    },
  },
  {
    why: "what is sent to the node itself as an endpoint never comes to POSTROUTING",
    holds: ({ flow, own, answer: { target, masq } }) =>
      flow.expected.masq && !masq && target !== undefined && own.has(hostOf(target)),
  },
  {
    why: "a loopback address is never on a wire, and nobody but itself may send to it",
    holds: ({ flow }) => isLoopback(parseAddr(flow.destIP)),
  },
  {
    why: "who is in one of several Service CIDRs is in the set; the tracers want him in all of them",
    holds: ({ config, flow, answer }) =>
      settingsOf(config).nftables.serviceCIDRs.length > 1 &&
      ["NONE", "REJECT"].includes(flow.expected.kind) &&
      answer.fate === "dropped",
  },
];

function isRefusal({ expected: { kind, then } }: JudgedFlow): boolean {
  return ["DROP", "REJECT"].includes(then ?? kind);
}

function hostOf(target: string): string {
  return target.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
}
