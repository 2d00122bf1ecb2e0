/** Journeys as engines tell them: between them every kind of step, in both families. */
import { parseAddr, parseMac } from "../../../src/addr/index.js";
import { type Step, type Trace, TraceRecorder } from "../../../src/trace/index.js";
import {
  arpRequest,
  bytesPayload,
  echoRequest,
  icmpError,
  makeFrame,
  makePacket,
  neighborSolicitation,
  type Packet,
  sctpPacket,
  tcpSyn,
  udpDatagram,
  vxlanPayload,
} from "../../../src/wire/index.js";

const a = parseAddr;
const podMac = parseMac("02:00:00:00:01:02");
const nodeMac = parseMac("02:00:00:00:01:01");
const otherMac = parseMac("02:00:00:00:02:01");

/** A connection to a Service, translated and carried by VXLAN to another node. */
export function serviceTrace(): Trace {
  const recorder = new TraceRecorder({ id: 3 });
  const syn = tcpSyn({ sport: 40000, dport: 80 });
  const atPod = makePacket({ src: a("10.244.1.2"), dst: a("10.96.0.20"), payload: syn });
  const translated: Packet = {
    ...atPod,
    dst: a("10.244.2.3"),
    ttl: 63,
    payload: { ...syn, dport: 8080 },
  };
  const outer = makePacket({
    src: a("192.168.0.11"),
    dst: a("192.168.0.12"),
    payload: udpDatagram({
      sport: 50123,
      dport: 8472,
      payload: vxlanPayload(1, makeFrame(nodeMac, otherMac, translated)),
    }),
  });
  tellPod(recorder.enter("shop/client", 100), atPod);
  tellNode(recorder.enter("node-a", 105), { atPod, translated, outer });
  const nodeB = recorder.enter("node-b", 140);
  nodeB({ kind: "receive", link: "eth0", frame: makeFrame(nodeMac, otherMac, outer) });
  nodeB({ kind: "decapsulate", link: "flannel.1", how: "vxlan", vni: 1, packet: translated });
  nodeB({ kind: "conntrack", event: "new", direction: "original", state: "NEW" });
  nodeB({
    kind: "bridge",
    bridge: "cni0",
    mac: podMac,
    decision: "forward",
    out: ["veth7"],
  });
  nodeB({ kind: "transmit", link: "veth7", frame: makeFrame(otherMac, podMac, translated) });
  const pod = recorder.enter("shop/web-0", 142);
  pod({ kind: "receive", link: "eth0", frame: makeFrame(otherMac, podMac, translated) });
  pod({
    kind: "deliver",
    protocol: "tcp",
    port: 8080,
    service: "nginx",
    origin: { kind: "Pod", namespace: "shop", name: "web-0", file: "shop.yaml", line: 12 },
  });
  pod({ kind: "fate", fate: { kind: "delivered", netns: "shop/web-0", detail: "tcp 8080" } });
  return recorder.finish();
}

function tellPod(tell: (step: Step) => void, packet: Packet): void {
  tell({ kind: "send", packet, process: "curl" });
  tell({
    kind: "route",
    direction: "output",
    dst: packet.dst,
    outcome: "forward",
    table: 254,
    rulePriority: 32766,
    route: "default via 10.244.1.1 dev eth0",
    link: "eth0",
    gateway: a("10.244.1.1"),
    src: packet.src,
    origin: { kind: "cni" },
  });
  const gateway = a("10.244.1.1");
  tell({ kind: "neighbor", addr: gateway, link: "eth0", mac: nodeMac, outcome: "resolved" });
  tell({ kind: "transmit", link: "eth0", frame: makeFrame(podMac, nodeMac, packet) });
}

function tellNode(
  tell: (step: Step) => void,
  packets: { readonly atPod: Packet; readonly translated: Packet; readonly outer: Packet },
): void {
  const { atPod, translated, outer } = packets;
  const service = { kind: "Service", namespace: "shop", name: "web", part: "http" };
  const nat = { family: "ip", table: "nat" };
  const entry = "tcp 6 SYN_SENT src=10.244.1.2 dst=10.96.0.20 sport=40000 dport=80 [UNREPLIED]";
  tell({ kind: "receive", link: "veth3", frame: makeFrame(podMac, nodeMac, atPod) });
  tell({ kind: "conntrack", event: "new", direction: "original", state: "NEW", entry });
  const hook = { kind: "chain", ...nat, hook: "prerouting" } as const;
  tell({ ...hook, chain: "PREROUTING", packet: atPod, iif: "veth3" });
  const rule = { kind: "rule", ...nat, index: 0 } as const;
  tell({
    ...rule,
    chain: "PREROUTING",
    text: '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    verdict: "jump KUBE-SERVICES",
    origin: { kind: "kube-proxy" },
  });
  tell({
    ...rule,
    chain: "KUBE-SERVICES",
    index: 4,
    text: "-A KUBE-SERVICES -d 10.96.0.20/32 -p tcp -m tcp --dport 80 -j KUBE-SVC-WEB",
    verdict: "jump KUBE-SVC-WEB",
    origin: service,
  });
  tell({
    ...rule,
    chain: "KUBE-SVC-WEB",
    text: "-A KUBE-SVC-WEB -j DNAT --to-destination 10.244.2.3:8080",
    verdict: "accept",
    origin: service,
  });
  const dst = { ...atPod, dst: translated.dst, payload: translated.payload };
  tell({ kind: "nat", how: "dnat", before: atPod, after: dst, origin: service });
  tell({ kind: "route", direction: "input", dst: dst.dst, outcome: "forward", link: "flannel.1" });
  tell({ kind: "ttl", before: 64, after: 63 });
  tell({ kind: "policy", family: "ip", table: "filter", chain: "FORWARD", verdict: "accept" });
  tell({ kind: "conntrack", event: "confirm" });
  const tunnel = { link: "flannel.1", how: "vxlan", vni: 1, packet: outer };
  tell({ kind: "encapsulate", ...tunnel, src: outer.src, dst: outer.dst });
  tell({ kind: "transmit", link: "eth0", frame: makeFrame(nodeMac, otherMac, outer) });
}

/** A packet over IPv6 that a NetworkPolicy drops, and things that happen seldom. */
export function droppedTrace(): Trace {
  const recorder = new TraceRecorder({ id: 4, cause: 3 });
  const payload = echoRequest("ip6", { id: 7, seq: 1, payload: bytesPayload("ping!") });
  const packet = makePacket({ src: a("2001:db8:1::2"), dst: a("2001:db8:2::3"), payload });
  const tell = recorder.enter("node-a", 0);
  const dst = a("2001:db8:2::3");
  const ndp = makePacket({ ...packet, payload: neighborSolicitation(dst, nodeMac) });
  tell({ kind: "receive", link: "veth3", frame: makeFrame(podMac, nodeMac, packet) });
  tell({ kind: "reassemble", count: 2 });
  tell({ kind: "transmit", link: "eth0", frame: makeFrame(nodeMac, otherMac, ndp) });
  tell({ kind: "neighbor", addr: dst, link: "eth0", outcome: "failed" });
  tell({ kind: "fragment", mtu: 1280, count: 2 });
  tell({
    kind: "ipvs",
    event: "scheduled",
    protocol: "tcp",
    virtual: { addr: a("2001:db8::1"), port: 80 },
    real: { addr: a("2001:db8:2::3"), port: 8080 },
    scheduler: "rr",
    state: "SYN_RECV",
    before: packet,
    after: makePacket({ ...packet, dst: a("2001:db8:2::4") }),
    origin: { kind: "Service", namespace: "default", name: "web" },
  });
  const sctp = sctpPacket({ sport: 1, dport: 2, chunks: [1] });
  const tunnelled = makePacket({
    ...packet,
    payload: { kind: "ipip", packet: makePacket({ ...packet, payload: sctp }) },
  });
  tell({
    kind: "note",
    text: "a NetworkPolicy selects the pod",
    origin: { kind: "NetworkPolicy" },
  });
  tell({
    kind: "chain",
    family: "ip6",
    table: "filter",
    chain: "FORWARD",
    hook: "forward",
    packet: tunnelled,
    iif: "veth3",
    oif: "eth0",
  });
  tell({ kind: "policy", family: "ip6", table: "filter", chain: "FORWARD", verdict: "drop" });
  const error = icmpError({ type: 1, code: 1, quoted: packet });
  const answer = makePacket({ src: dst, dst: packet.src, payload: error });
  tell({ kind: "answer", what: "icmp 1/1", packet: answer });
  const origin = { kind: "NetworkPolicy", namespace: "shop", name: "deny-all" };
  const where = { hook: "forward", table: "filter", chain: "FORWARD", rule: "-j DROP" };
  tell({ kind: "fate", fate: { kind: "dropped", netns: "node-a", ...where, origin } });
  return recorder.finish();
}

/** A broadcast that one of two namespaces answers. */
export function floodedTrace(): Trace {
  const recorder = new TraceRecorder({ id: 1 });
  const frame = makeFrame(
    podMac,
    parseMac("ff:ff:ff:ff:ff:ff"),
    arpRequest(podMac, a("10.244.1.2"), a("10.244.1.3")),
  );
  const node = recorder.enter("node-a", 0);
  const { dst: mac } = frame;
  node({ kind: "receive", link: "veth3", frame });
  node({
    kind: "bridge",
    bridge: "cni0",
    port: "veth3",
    mac,
    decision: "flood",
    out: ["v1", "v2"],
  });
  node({ kind: "transmit", link: "v1", frame });
  node({ kind: "transmit", link: "v2", frame });
  for (const [netns, isIt] of [
    ["shop/web-0", false],
    ["shop/web-1", true],
  ] as const) {
    const tell = recorder.enter(netns, 1);
    tell({ kind: "receive", link: "eth0", frame });
    const kind = isIt ? "consumed" : "not-for-us";
    tell({ kind: "fate", fate: { kind, netns } });
  }
  return recorder.finish();
}
