/**
 * Why policies let a connection through or not: what they say, and what the rules that are made of
 * them do with its first packet in the model of the kernel, as iptables and as nftables.
 */
import { type Origin, printOrigin } from "../../base/index.js";
import type { Cluster } from "../../cluster/index.js";
import {
  type FlowVerdict,
  Judge,
  matchesDomain,
  membersOf,
  nodeMembersOf,
  readPolicies,
  type SideVerdict,
} from "../../policy/index.js";
import type { RuleStep, Trace } from "../../trace/index.js";
import { echoRequest, sctpPacket, type Transport, tcpSyn, udpDatagram } from "../../wire/index.js";
import { Simulation } from "../simulation.js";
import { flowsOf, type NamedFlow, type PolicyQuestion } from "./ends.js";

/** What one form of the rules did with the first packet. */
export interface RulesVerdict {
  readonly mode: "iptables" | "nftables";
  /** `not asked`: the packet ended for another reason before it came so far. */
  readonly outcome: "allowed" | "denied" | "not asked";
  /** The rules of policies that the packet met, in order. */
  readonly rules: readonly {
    readonly node: string;
    readonly text: string;
    readonly verdict: string;
  }[];
}

/** The answer for one flow. */
export interface FlowExplanation {
  readonly from: string;
  readonly to: string;
  readonly src: string;
  readonly dst: string;
  readonly port: number;
  readonly protocol: string;
  readonly allowed: boolean;
  readonly verdict: FlowVerdict;
  readonly rules: readonly RulesVerdict[];
}

/** The answer to a question. */
export interface PolicyExplanation {
  /** Whether every flow that the question is about is allowed. */
  readonly allowed: boolean;
  readonly flows: readonly FlowExplanation[];
}

const MODES = ["iptables", "nftables"] as const;
const KINDS = [
  "NetworkPolicy",
  "AdminNetworkPolicy",
  "BaselineAdminNetworkPolicy",
  "ClusterNetworkPolicy",
] as const;

/**
 * Explains what policies do with a connection.
 *
 * Shape: the judge is asked about the addresses that policies see: those of pods, behind a Service's
 * NAT. The same packet is sent in the cluster with either form of the rules.
 * Errors: `InputError` for names and ports that are not there.
 */
export function explainPolicies(cluster: Cluster, question: PolicyQuestion): PolicyExplanation {
  const judge = judgeOf(cluster);
  const sims = MODES.map((mode) => {
    const settings = { ...cluster.settings.policyAgent, mode };
    return [mode, new Simulation(cluster.withPolicyAgent(settings))] as const;
  });
  const flows = flowsOf(cluster, question).map((named): FlowExplanation => {
    const { flow, from, to } = named;
    const verdict = judge.judge(flow);
    const rules = sims.map(([mode, sim]) => tryRules(sim, mode, named, question.protocol));
    const [src, dst] = [String(flow.src), String(flow.dst)];
    const ends = { from: from.name, to: to.name, src, dst, port: flow.port };
    const { protocol } = question;
    return {
      ...ends,
      protocol,
      allowed: verdict.allowed,
      verdict: located(cluster, verdict),
      rules,
    };
  });
  return { allowed: flows.every((flow) => flow.allowed), flows };
}

/** A judge over all policies of a cluster. */
export function judgeOf(cluster: Cluster): Judge {
  const { ownNodeEgress = false, resolved = {} } = cluster.settings.policyAgent;
  const objects = KINDS.flatMap((kind) => cluster.list(kind).map((object) => ({ object })));
  return new Judge({
    members: membersOf({ namespaces: cluster.list("Namespace"), pods: cluster.list("Pod") }),
    nodes: nodeMembersOf(cluster.nodes),
    policies: readPolicies(objects),
    ownNodeEgress,
    resolveDomain: (pattern, addr) => {
      const names = Object.keys(resolved).filter((name) => matchesDomain(pattern, name));
      if (names.length === 0) return undefined;
      return names.some((name) => (resolved[name] ?? []).includes(String(addr)));
    },
  });
}

/** The verdict with the places where its policies were written. */
function located(cluster: Cluster, verdict: FlowVerdict): FlowVerdict {
  const locate = (origin: Origin) => cluster.locate(origin);
  const side = (of: SideVerdict): SideVerdict => {
    const { reason } = of;
    const passed = of.passed.map(locate);
    if (reason.kind === "rule") {
      return { ...of, passed, reason: { ...reason, origin: locate(reason.origin) } };
    }
    if (reason.kind !== "isolation") return { ...of, passed };
    return { ...of, passed, reason: { ...reason, policies: reason.policies.map(locate) } };
  };
  const { egress, ingress } = verdict;
  return {
    allowed: verdict.allowed,
    ...(egress && { egress: side(egress) }),
    ...(ingress && { ingress: side(ingress) }),
  };
}

function tryRules(
  sim: Simulation,
  mode: RulesVerdict["mode"],
  { flow, from, to }: NamedFlow,
  protocol: PolicyQuestion["protocol"],
): RulesVerdict {
  const { src, dst, port } = flow;
  const payload = payloadOf(protocol, port, src.family);
  const [trace] =
    from.netns === undefined ? [] : sim.send(from.netns, { src, dst, payload }).traces;
  if (trace === undefined) return { mode, outcome: "not asked", rules: [] };
  const rules = policyRules(trace);
  if (/^(drop|reject)/.test(rules.at(-1)?.verdict ?? "")) return { mode, outcome: "denied", rules };
  const hasArrived = trace.hops.at(-1)?.netns === to.netns;
  return { mode, outcome: hasArrived ? "allowed" : "not asked", rules };
}

function policyRules({ hops }: Trace): RulesVerdict["rules"] {
  return hops.flatMap((hop) =>
    hop.steps
      .filter((step): step is RuleStep => step.kind === "rule" && isPolicy(step.origin))
      .map(({ text, verdict, origin }) => {
        const place = origin?.file === undefined ? "" : `  [${printOrigin(origin)}]`;
        return { node: hop.netns, text: `${text}${place}`, verdict };
      }),
  );
}

function isPolicy(origin: Origin | undefined): boolean {
  return KINDS.some((kind) => kind === origin?.kind);
}

/** A client port that tells the packet from others. */
const CLIENT_PORT = 40_000;

function payloadOf(
  protocol: PolicyQuestion["protocol"],
  dport: number,
  family: "ip4" | "ip6",
): Transport {
  const ports = { sport: CLIENT_PORT, dport };
  if (protocol === "tcp") return tcpSyn(ports);
  if (protocol === "udp") return udpDatagram(ports);
  if (protocol === "sctp") return sctpPacket({ ...ports, chunks: [1] });
  return echoRequest(family, { id: 1, seq: 1 });
}
