/**
 * Judge, iptables and nftables give the same answer for every packet of a whole cluster: through
 * Services and their NAT, bridges and tunnels, replies, open flows and ICMP errors, in both families.
 *
 * A town without policies shows where each packet would be asked about, and what it looks like there;
 * the judge is asked about that. With policies the packet must end there if the judge denies it, and
 * otherwise it and everything it leads to must be just what it was without.
 */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseAddr } from "../../../src/addr/index.js";
import type { Cluster, PolicyAgentOptions } from "../../../src/cluster/index.js";
import type { KubeObject, Namespace, Node, Pod } from "../../../src/objects/index.js";
import {
  Judge,
  type Member,
  membersOf,
  nodeMembersOf,
  policyProtocol,
  readPolicies,
} from "../../../src/policy/index.js";
import { type Simulation, startSimulation } from "../../../src/simulation/index.js";
import type { ChainStep, Hop, Trace } from "../../../src/trace/index.js";
import type { Packet } from "../../../src/wire/index.js";
import { anyPolicyObjects } from "../../support/policy/policy-objects.js";
import {
  anyTown,
  anyTownFlow,
  MODES,
  makeTown,
  packetOf,
  type TownFlow,
  type TownPacket,
  type TownSpec,
} from "../../support/policy/town.js";

type World = readonly [TownSpec, readonly KubeObject[], readonly KubeObject[], readonly TownFlow[]];

const anyWorld: fc.Arbitrary<World> = fc.tuple(
  anyTown,
  anyPolicyObjects,
  anyPolicyObjects,
  fc.array(anyTownFlow, { minLength: 12, maxLength: 12 }),
);

function judgeOf(cluster: Cluster, policies: readonly KubeObject[]): Judge {
  return new Judge({
    members: membersOf({
      namespaces: cluster.list("Namespace") as readonly Namespace[],
      pods: cluster.list("Pod") as readonly Pod[],
    }),
    nodes: nodeMembersOf(cluster.nodes as readonly Node[]),
    policies: readPolicies(policies.map((object) => ({ object }))),
  });
}

/** Where a node would ask about a packet, and what it looks like there. */
interface Question {
  readonly hop: number;
  readonly node: string;
  readonly packet: Packet;
}

function questionsOf(trace: Trace, nodes: ReadonlySet<string>): Question[] {
  return trace.hops.flatMap((hop, at): Question[] => {
    if (!nodes.has(hop.netns)) return [];
    const step = chainAt(hop);
    return step === undefined ? [] : [{ hop: at, node: hop.netns, packet: step.packet }];
  });
}

/**
 * A node asks where it forwards, and where a packet comes in for itself; where IPVS hands it on, on its
 * way out again. About what it sends itself it does not ask.
 */
function chainAt({ steps }: Hop): ChainStep | undefined {
  if (steps[0]?.kind === "send") return undefined;
  const handed = steps.findIndex((step) => step.kind === "ipvs" && HANDED_ON.has(step.event));
  const find = (hook: string, from = 0) =>
    steps.slice(from).find((step) => step.kind === "chain" && step.hook === hook);
  const step = handed >= 0 ? find("output", handed) : (find("forward") ?? find("input"));
  return step?.kind === "chain" ? step : undefined;
}

const HANDED_ON: ReadonlySet<string> = new Set(["scheduled", "persistent", "known"]);

const PROTOCOLS: Readonly<Record<string, string>> = { tcp: "TCP", udp: "UDP", sctp: "SCTP" };

/** Whether a node lets a packet through: it asks for those of the two ends that are its own pods. */
function isLetThrough(judge: Judge, { node, packet }: Question): boolean {
  const { payload, src, dst } = packet;
  const protocol = policyProtocol(PROTOCOLS[payload.kind] ?? "");
  const port = "dport" in payload ? payload.dport : 0;
  const verdict = judge.judge({ src, dst, protocol, port });
  const isHere = (member: Member | undefined) => member?.node === node;
  const leaves = !isHere(judge.endAt(src).member) || verdict.egress?.allowed !== false;
  const enters = !isHere(judge.endAt(dst).member) || verdict.ingress?.allowed !== false;
  return leaves && enters;
}

/** What became of a packet and of all that it led to. */
function printStory(traces: readonly Trace[]): string {
  const kinds = traces.map(({ fate, hops }) => [fate.kind, hops.map((hop) => hop.netns)]);
  return JSON.stringify(kinds);
}

function send(sim: Simulation, { from, dst, payload }: TownPacket): readonly Trace[] {
  return sim.send(from, { dst: parseAddr(dst), payload }).traces;
}

function isRewritten({ hops }: Trace): boolean {
  return hops.some(({ steps }) => steps.some(({ kind }) => kind === "nat" || kind === "ipvs"));
}

const counts = new Map<string, number>();
function count(what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

interface Run {
  readonly agent: PolicyAgentOptions;
  /** Leaves policies out of the cluster that the judge knows: to break the law. */
  readonly forget?: number;
}

/** The first packet about which the law does not hold, in words. */
function findFault([spec, policies, later, flows]: World, { agent, forget = 0 }: Run) {
  const bare = makeTown(spec, "none");
  const town = makeTown(spec, agent).apply(policies.slice(forget));
  const [free, guarded] = [bare, town].map((c) => startSimulation(c, { seed: "t" })) as [
    Simulation,
    Simulation,
  ];
  const nodes = new Set(bare.nodes.map((node) => node.metadata.name as string));
  const judge = judgeOf(bare, policies);
  const open: TownPacket[] = [];
  const tell = (packet: TownPacket, what: string) =>
    `${what}: ${packet.from} > ${packet.dst} ${JSON.stringify(packet.payload)}`;
  for (const [number, flow] of flows.entries()) {
    const packet = packetOf(bare, flow, number);
    const before = send(free, packet);
    const after = send(guarded, packet);
    const [first, now] = [before[0], after[0]];
    if (first === undefined || now === undefined) continue;
    const denied = questionsOf(first, nodes).find((question) => !isLetThrough(judge, question));
    if (denied === undefined) {
      if (printStory(before) !== printStory(after)) return tell(packet, "was let through, but");
      for (const { fate } of before) count(fate.kind);
      if (before.some((t) => t.hops.some((h) => h.steps.some((s) => s.kind === "nat"))))
        count("nat");
      const isAnswered = first.fate.kind === "delivered" && before[1]?.cause === first.id;
      if (flow.protocol === "udp" && !flow.isOff && isAnswered) open.push(packet);
      continue;
    }
    const end = now.hops[denied.hop];
    // Another program's rules may have refused it there before.
    const isOthers = first.hops.length === denied.hop + 1 && first.fate.kind === now.fate.kind;
    if ((now.fate.kind !== "dropped" && !isOthers) || end?.netns !== denied.node) {
      return tell(packet, `should end in ${denied.node}, and is ${now.fate.kind}`);
    }
    if (after.some(({ fate }) => fate.kind === "delivered")) return tell(packet, "arrived");
    count(isRewritten(first) ? "denied nat" : "denied");
    if (spec.proxy === "ipvs" && isRewritten(first)) count("denied ipvs");
  }
  // Other policies come, and flows that are open go on, or are asked about again.
  const all = [...policies.slice(forget), ...later];
  guarded.update(town.apply(later));
  const laterJudge = judgeOf(bare, merge(all));
  for (const packet of open) {
    const [first, now] = [send(free, packet)[0], send(guarded, packet)[0]];
    if (first === undefined || now === undefined) continue;
    const isDenied = questionsOf(first, nodes).some((q) => !isLetThrough(laterJudge, q));
    const ends = agent.established === "recheck" && isDenied;
    if ((now.fate.kind === "dropped") !== ends) {
      return tell(packet, `an open flow (denied now: ${isDenied}) is ${now.fate.kind}`);
    }
    count(isDenied ? `open ${agent.established}` : "open");
  }
  return undefined;
}

/** Objects of one kind and name replace each other. */
function merge(objects: readonly KubeObject[]): readonly KubeObject[] {
  const keyOf = ({ kind, metadata }: KubeObject) =>
    `${kind} ${metadata.namespace}/${metadata.name}`;
  return [...new Map(objects.map((object) => [keyOf(object), object])).values()];
}

/** More of them for a longer search: `RUNS=1000 npx vitest run test/property/policy/whole-path…`. */
const RUNS = Number(process.env.RUNS ?? 40);

const anyAgent = fc.record({
  mode: fc.constantFrom(...MODES),
  established: fc.constantFrom("keep" as const, "recheck" as const),
});

test("judge, iptables and nftables agree along a packet's whole way", () => {
  fc.assert(
    fc.property(anyWorld, anyAgent, (world, agent) => {
      expect(findFault(world, { agent })).toBeUndefined();
    }),
    { seed: 17, numRuns: RUNS },
  );
  for (const what of ["delivered", "no-listener", "nat", "denied", "denied nat"]) {
    expect([what, (counts.get(what) ?? 0) > 15]).toEqual([what, true]);
  }
  for (const what of ["open", "open keep", "open recheck", "denied ipvs"]) {
    expect([what, (counts.get(what) ?? 0) > 2]).toEqual([what, true]);
  }
}, 1_200_000);

test("a policy that is not installed breaks the law", () => {
  const law = fc.property(anyWorld, (world) => {
    return findFault(world, { agent: { mode: "iptables" }, forget: 1 }) === undefined;
  });
  expect(fc.check(law, { seed: 17, numRuns: 20, endOnFailure: true }).failed).toBe(true);
}, 1_200_000);
