/**
 * Where iptables and nftables mode answer a flow of the recorded clusters differently: each row tells
 * from the objects and iptables' answer what nftables mode says. `src/proxy/modes.md` tells the rows, and
 * how many flows meet each.
 */
import { type Addr, parseAddr, tryParsePrefix } from "../../../src/addr/index.js";
import { planOnNode } from "../../../src/proxy/choose/plan.js";
import {
  buildModel,
  endpointsOf,
  type ProxyModel,
  type ServicePort,
} from "../../../src/proxy/index.js";
import {
  nodePortAddrs,
  readNodePortAddresses,
  resolvePrimary,
} from "../../../src/proxy/node-port-addresses.js";
import type { ClusterAnswer } from "../../conformance/kubeproxy/flows.js";
import type { Flow } from "../../conformance/kubeproxy/iptables-trace.js";
import {
  nodeOf,
  type Snapshot,
  settingsOf,
  type VectorConfig,
} from "../../conformance/kubeproxy/setup.js";

/** What a flow asks for, worked out from the objects alone. */
export interface FlowAsked {
  /** Its destination is written as the address's canonical text. */
  readonly isCanonical: boolean;
  readonly isOwnAddr: boolean;
  /** The destination takes node ports. */
  readonly takesNodePorts: boolean;
  readonly takesAllNodePorts: boolean;
  readonly inServiceRange: boolean;
  readonly isClusterIP: boolean;
  readonly hasClusterPort: boolean;
  readonly isHealthPort: boolean;
  /** Port whose external or load-balancer address is asked. */
  readonly external: ServicePort | undefined;
  readonly isOutsideRanges: boolean;
  readonly nodePort: ServicePort | undefined;
  /** External traffic to that node port has no endpoint to go to: nowhere, or not on this node. */
  readonly nodePortRefusal: "no endpoints" | "no local endpoints" | undefined;
}

/** One kind of difference. */
export interface FlowRow {
  readonly name: string;
  /** It shows how upstream's tracer of nftables works, and not what a packet meets. */
  readonly isTracers?: boolean;
  /** What nftables mode answers where iptables mode answers this; undefined: the row does not hold. */
  readonly answer: (asked: FlowAsked, iptables: ClusterAnswer) => ClusterAnswer | undefined;
}

const say = (kind: string): ClusterAnswer => ({ kind, masq: false });

/** In the order they are asked. */
export const FLOW_ROWS: readonly FlowRow[] = [
  {
    name: "an address written in another form than its canonical one",
    isTracers: true,
    answer: ({ isCanonical, external }, { kind }) =>
      !isCanonical && external !== undefined && kind !== "NONE" ? say("NONE") : undefined,
  },
  {
    name: "health-check node port",
    answer: ({ isHealthPort }, { kind }) =>
      isHealthPort && kind === "ACCEPT" ? say("NONE") : undefined,
  },
  {
    name: "a port the Service does not have, on its cluster IP",
    answer: ({ isClusterIP, hasClusterPort }) =>
      isClusterIP && !hasClusterPort ? say("REJECT") : undefined,
  },
  {
    name: "an unused address of the Service range",
    answer: ({ inServiceRange, isClusterIP, external }) =>
      inServiceRange && !isClusterIP && external === undefined ? say("DROP") : undefined,
  },
  {
    name: "load balancer with source ranges, sender outside them, no endpoints",
    answer: ({ external, isOutsideRanges }, { kind }) =>
      external !== undefined && isOutsideRanges && kind === "REJECT" ? say("DROP") : undefined,
  },
  {
    name: "node port without an endpoint to go to, on another of the node's addresses",
    answer: ({ nodePort, isOwnAddr, takesNodePorts }, { kind }) =>
      nodePort !== undefined &&
      isOwnAddr &&
      !takesNodePorts &&
      (kind === "REJECT" || kind === "DROP")
        ? say("NONE")
        : undefined,
  },
  {
    name: "the input chains, asked about packets that are forwarded",
    isTracers: true,
    answer: ({ nodePort, nodePortRefusal, isOwnAddr, takesAllNodePorts }, iptables) => {
      if (nodePort === undefined || nodePortRefusal === undefined) return undefined;
      const refusal = nodePortRefusal === "no endpoints" ? "REJECT" : "DROP";
      if (!takesAllNodePorts) return undefined;
      if (!isOwnAddr) return iptables.kind === "NONE" ? say(refusal) : undefined;
      // biome-ignore lint/suspicious/noThenProperty: the vectors' own word.
      return iptables.kind === "DNAT" ? { ...iptables, then: refusal } : undefined;
    },
  },
];

/** The objects of one step as the proxies see them, to ask flows about. */
export class FlowReader {
  readonly #config: VectorConfig;
  readonly #model: ProxyModel;
  readonly #ports: readonly ServicePort[];

  constructor(config: VectorConfig, objects: Snapshot) {
    this.#config = config;
    this.#model = buildModel(objects, settingsOf(config));
    this.#ports = this.#model.services.values.flatMap((s) => s.ports);
  }

  /** What a flow asks for. */
  read({ sourceIP, destIP, destPort, protocol }: Flow): FlowAsked {
    const settings = settingsOf(this.#config);
    const dst = parseAddr(destIP);
    const src = parseAddr(sourceIP);
    const node = nodeOf(this.#config);
    const addresses = readNodePortAddresses(resolvePrimary(settings, node), settings.family);
    const isHere = (list: readonly Addr[]) => list.some((a) => a.equals(dst));
    const isProtocol = (p: ServicePort) => p.protocol === protocol.toLowerCase();
    const onPort = this.#ports.filter((p) => p.port === destPort && isProtocol(p));
    const external = onPort.find((p) => isHere(p.externalIPs) || isHere(p.loadBalancerVIPs));
    const nodePort = this.#ports.find((p) => p.nodePort === destPort && isProtocol(p));
    const cidrs = settings.nftables.serviceCIDRs.flatMap((text) => {
      const prefix = tryParsePrefix(text);
      return prefix?.family === settings.family ? [prefix] : [];
    });
    return {
      isCanonical: dst.toString() === destIP,
      isOwnAddr: this.#config.nodeLocalIPs.some((ip) => parseAddr(ip).equals(dst)),
      takesNodePorts: addresses.matchAll || isHere(nodePortAddrs(addresses, node.addrs)),
      takesAllNodePorts: addresses.matchAll,
      inServiceRange: cidrs.length > 0 && cidrs.every((prefix) => prefix.contains(dst)),
      isClusterIP: this.#ports.some((p) => p.clusterIP.equals(dst)),
      hasClusterPort: onPort.some((p) => p.clusterIP.equals(dst)),
      isHealthPort: this.#ports.some((p) => p.healthCheckNodePort === destPort),
      external,
      isOutsideRanges:
        external !== undefined &&
        isHere(external.loadBalancerVIPs) &&
        external.sourceRanges.length > 0 &&
        !external.sourceRanges.some((range) => range.contains(src)),
      nodePort,
      nodePortRefusal: nodePort === undefined ? undefined : this.#refusalOf(nodePort),
    };
  }

  #refusalOf(port: ServicePort) {
    const state = this.#model.services.get(port.service);
    if (state === undefined) return undefined;
    const node = nodeOf(this.#config);
    return planOnNode(port, endpointsOf(state, port), node).externalRefusal;
  }
}
