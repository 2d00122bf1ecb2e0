/** Raw JSON of a vector made into a judge: objects are read as the API server would take them. */
import { parseAddr } from "../../../src/addr/index.js";
import type { Netfilter } from "../../../src/netfilter/index.js";
import type { Namespace, Node, Pod } from "../../../src/objects/index.js";
import { type KubeObject, readObject } from "../../../src/objects/index.js";
import {
  type FlowVerdict,
  Judge,
  type JudgeOptions,
  membersOf,
  nodeMembersOf,
  planPolicies,
  policyProtocol,
  READINGS,
  type Reading,
  readPolicies,
  withReadings,
} from "../../../src/policy/index.js";

import {
  iptablesConfig,
  nftablesConfig,
  passesForward,
  startKernel,
} from "../../support/policy/kernel.js";

/** A JSON object. */
export type Raw = Readonly<Record<string, unknown>>;

/** A cluster as vectors hold it. */
export interface RawCluster {
  readonly namespaces: readonly Raw[];
  readonly pods: readonly Raw[];
  readonly policies: readonly Raw[];
  readonly nodes?: readonly Raw[];
}

const VERSIONS: Readonly<Record<string, string>> = {
  Namespace: "v1",
  Pod: "v1",
  Node: "v1",
  NetworkPolicy: "networking.k8s.io/v1",
  AdminNetworkPolicy: "policy.networking.k8s.io/v1alpha1",
  BaselineAdminNetworkPolicy: "policy.networking.k8s.io/v1alpha1",
  ClusterNetworkPolicy: "policy.networking.k8s.io/v1alpha2",
};

/** Reads a raw object; `kind` is for those that do not say theirs. */
export function toObject(raw: Raw, kind?: string): KubeObject {
  const named = kind === undefined ? raw : { apiVersion: VERSIONS[kind], kind, ...raw };
  const read = readObject(structuredClone(named));
  if (read.kind !== "object") throw new Error(`not read: ${JSON.stringify(read)}`);
  return read.object;
}

/** Everything that answers about one cluster: the judge, and the kernel with compiled rules. */
export interface Court {
  readonly judge: Judge;
  /** Absent where names must be resolved, or where only the judge is asked. */
  readonly kernels?: readonly Netfilter[];
}

interface CourtOptions extends Partial<JudgeOptions> {
  readonly policyKind?: string;
  readonly readings?: readonly Reading[];
  /** Leaves the compiled rules out. */
  readonly judgeOnly?: boolean;
}

/** How the engine that answered the random clusters and the packet tests reads policies. */
export const ENGINE = READINGS["kube-network-policies"];

/** A judge and a kernel over a raw cluster. */
export function openCourt(cluster: RawCluster, options: CourtOptions = {}): Court {
  const namespaces = cluster.namespaces.map((n) => toObject(n, "Namespace") as Namespace);
  const pods = cluster.pods.map((p) => toObject(p, "Pod") as Pod);
  const objects = cluster.policies.map((p) => ({
    object: toObject(p, options.policyKind ?? "NetworkPolicy"),
  }));
  const members = membersOf({ namespaces, pods });
  const nodes = nodeMembersOf((cluster.nodes ?? []).map((n) => toObject(n, "Node") as Node));
  const policies = withReadings(readPolicies(objects), options.readings ?? []);
  const judge = new Judge({ members, policies, nodes, ...options });
  if (options.judgeOnly || options.resolveDomain !== undefined) return { judge };
  const plan = planPolicies({ members, policies, nodes });
  const configs = [iptablesConfig(plan), nftablesConfig(plan)];
  return { judge, kernels: configs.map(startKernel) };
}

/** A flow in a vector's words. */
export interface RawFlow {
  readonly src: string;
  readonly dst: string;
  readonly port: number;
  readonly protocol: string;
}

/** Asks the judge, and checks that its quick form and the compiled rules say the same. */
export function ask({ judge, kernels = [] }: Court, raw: RawFlow): FlowVerdict {
  const { port } = raw;
  const protocol = policyProtocol(raw.protocol);
  const flow = { src: parseAddr(raw.src), dst: parseAddr(raw.dst), protocol, port };
  const verdict = judge.judge(flow);
  const answers = [verdict.allowed, judge.isAllowed(flow)];
  for (const kernel of kernels) answers.push(passesForward(kernel, flow));
  if (new Set(answers).size > 1) {
    throw new Error(
      `judge, its quick form, iptables, nftables: ${answers} on ${JSON.stringify(raw)}`,
    );
  }
  return verdict;
}

/** A pod as short tables list it. */
export interface ShortPod {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ip: string;
  readonly ports: readonly Raw[];
}

/** The full form of a short pod. */
export function toRawPod(pod: ShortPod): Raw {
  const { namespace, name, labels, ip, ports } = pod;
  return {
    metadata: { namespace, name, labels },
    spec: { containers: [{ name: "c", image: "i", ports }] },
    status: { phase: "Running", podIP: ip, podIPs: [{ ip }] },
  };
}

/** Namespaces of a table name → labels. */
export function toRawNamespaces(table: Readonly<Record<string, Raw>>): Raw[] {
  return Object.entries(table).map(([name, labels]) => ({ metadata: { name, labels } }));
}

/** Container ports `serve-<port>-<protocol>` for every port and protocol. */
export function servedPorts(ports: readonly number[], protocols: readonly string[]): Raw[] {
  return ports.flatMap((containerPort) =>
    protocols.map((protocol) => ({
      name: `serve-${containerPort}-${protocol.toLowerCase()}`,
      containerPort,
      protocol,
    })),
  );
}
