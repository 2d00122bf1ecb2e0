/**
 * The judge: what policies say about a flow, with the reason. It reads selectors and knows nothing
 * of rules in kernels; the compilers are compared with it.
 */
import type { Addr } from "../../addr/index.js";
import { type PortList, portListOf } from "../connections/ports.js";
import { PolicyMatrix } from "../matrix/matrix.js";
import type { Member, NodeMember } from "../model/members.js";
import type { Direction, Policy } from "../model/policy.js";
import type { Binding, End, Question, ResolveDomain } from "./bound-rule.js";
import { EndIndex, type QuickEnd } from "./end-index.js";
import { Membership } from "./membership.js";
import { explain, type Pipeline, PolicyBinder } from "./pipeline.js";
import type { FlowVerdict, SideVerdict } from "./verdict.js";

/** The first packet of a connection, as it is seen after destination NAT and before source NAT. */
export interface Flow {
  readonly src: Addr;
  readonly dst: Addr;
  /** The protocol's number; 0 is one that no rule names. */
  readonly protocol: number;
  /** The destination port; 0 where there is none. */
  readonly port: number;
}

/** What the judge knows, and choices that the API leaves to implementations. */
export interface JudgeOptions {
  readonly members: readonly Member[];
  readonly policies: readonly Policy[];
  readonly nodes?: readonly NodeMember[];
  /** Whether address blocks match pods, as they do in a node's rules. Default: true. */
  readonly blocksMatchPods?: boolean;
  /** Whether a pod may always reach its own node. Default: false, policies decide. */
  readonly ownNodeEgress?: boolean;
  /** Default: nothing is known about any name. */
  readonly resolveDomain?: ResolveDomain;
}

/**
 * Answers questions about flows: `judge` with reasons, from the policies as they are written;
 * `isAllowed` without, from a table that is made when it is first asked.
 *
 * Laws: compiled rules give the same answers; `isAllowed` says what `judge` says
 * (test/property/policy).
 * Follows: Kubernetes v1.35 staging/src/k8s.io/api/networking/v1/types.go; network-policy-api v0.1.8
 * apis/v1alpha1 and v0.2 apis/v1alpha2.
 * Not modelled: replies, which pass by conntrack.
 * Cost: `judge` binds policies to a pod when it is first asked about; after that it takes one step per
 * rule of the policies that select it. `isAllowed` takes two look-ups by address and one by pair.
 */
export class Judge {
  readonly members: readonly Member[];
  readonly #binding: Binding;
  readonly #binder: PolicyBinder;
  readonly #ownNodeEgress: boolean;
  readonly #indexOf = new Map<string, number>();
  readonly #nodeAddrs = new Map<string, ReadonlySet<string>>();
  readonly #pipelines: Record<Direction, (Pipeline | undefined)[]>;
  readonly #options: JudgeOptions;
  #quick: { readonly matrix: PolicyMatrix; readonly ends: EndIndex } | undefined;

  constructor(options: JudgeOptions) {
    const { members, policies, nodes = [] } = options;
    this.members = members;
    this.#options = options;
    this.#binding = {
      membership: new Membership(members),
      nodes,
      blocksMatchPods: options.blocksMatchPods ?? true,
      resolveDomain: options.resolveDomain ?? (() => undefined),
    };
    this.#binder = new PolicyBinder(policies, this.#binding);
    this.#ownNodeEgress = options.ownNodeEgress ?? false;
    this.#pipelines = {
      ingress: new Array(members.length).fill(undefined),
      egress: new Array(members.length).fill(undefined),
    };
    members.forEach((member, index) => {
      for (const addr of member.addrs) this.#indexOf.set(addr.key(), index);
    });
    for (const node of nodes) {
      this.#nodeAddrs.set(node.name, new Set(node.addrs.map((addr) => addr.key())));
    }
  }

  /** The end of a flow that has this address. */
  endAt(addr: Addr): End {
    const index = this.#indexOf.get(addr.key()) ?? -1;
    return { addr, index, member: this.members[index] };
  }

  /** The end of a flow that is the member at this place, with its address of a family if it has one. */
  endOf(index: number, addr: Addr | undefined = this.members[index]?.addrs[0]): End {
    return { addr, index, member: this.members[index] };
  }

  /** Says whether a flow is allowed, and because of what. */
  judge(flow: Flow): FlowVerdict {
    const { protocol, port } = flow;
    return this.judgeEnds({ src: this.endAt(flow.src), dst: this.endAt(flow.dst), protocol, port });
  }

  /** Says whether a flow is allowed; the quick form of `judge`. */
  isAllowed({ src, dst, protocol, port }: Flow): boolean {
    const { ends } = this.#table();
    return this.#passes(ends.at(src), ends.at(dst), { protocol, port });
  }

  /** As `judge`, for ends that are known already. */
  judgeEnds(flow: EndFlow): FlowVerdict {
    const egress = this.#side("egress", flow);
    const ingress = this.#side("ingress", flow);
    return {
      allowed: egress?.allowed !== false && ingress?.allowed !== false,
      ...(egress === undefined ? {} : { egress }),
      ...(ingress === undefined ? {} : { ingress }),
    };
  }

  /** As `isAllowed`, for ends that are known already. */
  areEndsAllowed(flow: EndFlow): boolean {
    return this.#passes(this.#quickEnd(flow.src), this.#quickEnd(flow.dst), flow);
  }

  /** All ports of TCP, UDP and SCTP that one end may open at another; what `isAllowed` allows. */
  portsBetween(src: End, dst: End): PortList {
    const { matrix } = this.#table();
    const [from, to] = [this.#quickEnd(src), this.#quickEnd(dst)];
    return portListOf(
      this.#isExempt(from, to) ? matrix.space.all : matrix.between(from.endClass, to.endClass),
      matrix.space,
    );
  }

  /** What passes between classes of ends that no policy can tell apart. */
  get matrix(): PolicyMatrix {
    return this.#table().matrix;
  }

  #passes(src: QuickEnd, dst: QuickEnd, { protocol, port }: PortOfFlow): boolean {
    if (this.#isExempt(src, dst)) return true;
    const { matrix } = this.#table();
    return matrix.passes(src.endClass, dst.endClass, matrix.space.point(protocol, port));
  }

  /** A flow from or to outside has one pod, and so one side; the own node skips that side. */
  #isExempt(src: QuickEnd, dst: QuickEnd): boolean {
    if (src.index < 0) return dst.index < 0 || this.#isNodeOf(dst.index, src);
    return src.index === dst.index || (this.#ownNodeEgress && this.#isNodeOf(src.index, dst));
  }

  #isNodeOf(index: number, { nodes }: QuickEnd): boolean {
    if (nodes.length === 0) return false;
    const node = this.members[index]?.node;
    return node !== undefined && nodes.includes(node);
  }

  #quickEnd({ index, addr }: End): QuickEnd {
    return this.#table().ends.of(index, addr);
  }

  #table() {
    if (this.#quick !== undefined) return this.#quick;
    const { nodes, blocksMatchPods, resolveDomain } = this.#binding;
    const { members, policies } = this.#options;
    const matrix = new PolicyMatrix({ members, policies, nodes, blocksMatchPods, resolveDomain });
    const indexOf = this.#indexOf;
    const classOf = (index: number, addr: Addr | undefined) => matrix.endClassOf(index, addr);
    this.#quick = { matrix, ends: new EndIndex({ members, nodes, indexOf, classOf }) };
    return this.#quick;
  }

  #side(direction: Direction, flow: EndFlow): SideVerdict | undefined {
    const { src, dst, protocol, port } = flow;
    const [own, peer] = direction === "egress" ? [src, dst] : [dst, src];
    if (own.index < 0) return undefined;
    const exempt = (what: "own pod" | "own node"): SideVerdict => ({
      direction,
      allowed: true,
      reason: { kind: "exempt", what },
      passed: [],
      unresolved: [],
    });
    if (peer.index === own.index) return exempt("own pod");
    if (this.#isOwnNode(direction, flow)) return exempt("own node");
    const question: Question = { peer, destination: dst.member, protocol, port };
    const pipeline = this.#pipelineOf(own.index, direction);
    return { direction, ...explain(pipeline, question, this.#binding) };
  }

  /** A node always reaches its own pods; the other way it is a choice. */
  #isOwnNode(direction: Direction, { src, dst }: EndFlow): boolean {
    if (direction === "egress" && !this.#ownNodeEgress) return false;
    const [own, peer] = direction === "egress" ? [src, dst] : [dst, src];
    const node = own.member?.node;
    if (node === undefined || peer.addr === undefined || peer.index >= 0) return false;
    return this.#nodeAddrs.get(node)?.has(peer.addr.key()) ?? false;
  }

  #pipelineOf(index: number, direction: Direction): Pipeline {
    const known = this.#pipelines[direction][index];
    if (known !== undefined) return known;
    const pipeline = this.#binder.pipelineOf(index, direction);
    this.#pipelines[direction][index] = pipeline;
    return pipeline;
  }
}

interface PortOfFlow {
  readonly protocol: number;
  readonly port: number;
}

/** A flow whose ends are known. */
export interface EndFlow {
  readonly src: End;
  readonly dst: End;
  readonly protocol: number;
  readonly port: number;
}
