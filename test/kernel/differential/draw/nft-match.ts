/** Matches of nft rules. */
import { anyAddr, anyPort, anyPrefix, type World } from "./world.js";

const neg = ({ dice }: World) => (dice.chance(0.25) ? "!= " : "");

type Draw = (world: World, addr: "ip" | "ip6") => string;

const side = ({ dice }: World) => dice.pick(["saddr", "daddr"]);
const proto = ({ dice }: World) => dice.pick(["tcp", "udp"] as const);

const MATCHES: readonly Draw[] = [
  (w, a) => `${a} ${side(w)} ${neg(w)}${anyAddr(w)}`,
  (w, a) => `${a} ${side(w)} ${neg(w)}${prefixOf(w)}`,
  (w, a) => `${a} ${side(w)} ${neg(w)}{ ${anyAddr(w)}, ${anyAddr(w)} }`,
  (w, a) => `${a} ${side(w)} ${neg(w)}@hosts`,
  (w, a) => `${a} ${side(w)} ${neg(w)}@nets`,
  (w, a) => `${a} ${side(w)} ${neg(w)}@seen`,
  (w, a) => `${a} ${side(w)} . meta l4proto . th dport @hp`,
  (w, a) => `${a} ${side(w)} . meta l4proto . th dport ${neg(w)}@np`,
  (w) => {
    const p = proto(w);
    return `${p} dport ${neg(w)}${anyPort(w, p)}`;
  },
  (w) => {
    const p = proto(w);
    const port = anyPort(w, p);
    return `${p} dport ${neg(w)}{ 80, ${port} }`;
  },
  (w) => {
    const p = proto(w);
    const port = anyPort(w, p);
    return `${p} dport ${neg(w)}${Math.max(1, port - 100)}-${Math.min(65535, port + 100)}`;
  },
  (w) => `${proto(w)} sport ${neg(w)}@ports`,
  (w) => `${proto(w)} sport ${w.dice.pick(["<", ">", "<=", ">="])} ${w.dice.int(20000, 59999)}`,
  (w) => `th dport ${anyPort(w)}`,
  (w) => `meta l4proto ${neg(w)}${proto(w)}`,
  (_w) => `meta l4proto { tcp, udp }`,
  (w) =>
    `ct state ${neg(w)}${w.dice.few(["new", "established", "related", "invalid", "untracked"], 3).join(",")}`,
  (w) => `ct state { ${w.dice.few(["new", "established", "related"], 2).join(", ")} }`,
  (w) => `ct status ${w.dice.pick(["dnat", "snat", "seen-reply", "confirmed", "assured"])}`,
  (w) => `ct direction ${w.dice.pick(["original", "reply"])}`,
  (w) => `ct mark ${neg(w)}${w.dice.pick(["0x0", "0x10", "0x1"])}`,
  (w) => `ct original proto-dst ${anyPort(w)}`,
  (w, a) => `ct original ${a} daddr ${anyAddr(w)}`,
  (w, a) => `ct reply ${a} saddr ${neg(w)}${anyAddr(w)}`,
  (w) => `meta mark ${neg(w)}${w.dice.pick(["0x0", "0x1", "0x2"])}`,
  (w) => `meta mark & 0x4000 ${w.dice.pick(["==", "!="])} 0x4000`,
  (w) => `iifname ${neg(w)}"${w.dice.pick([...w.links, "e*", "lo", "zz"])}"`,
  (w) => `oifname ${neg(w)}"${w.dice.pick([...w.links, "e*", "lo"])}"`,
  (w) => `iifname { "${w.dice.pick(w.links)}", "lo" }`,
  (w) => `fib ${side(w)} type ${neg(w)}${w.dice.pick(["local", "unicast", "broadcast"])}`,
  (w) =>
    `fib ${side(w)} . ${w.dice.pick(["iif", "mark"])} oif ${w.dice.pick(["exists", "missing"])}`,
  (w) => `fib saddr . iif type ${w.dice.pick(["local", "unicast"])}`,
  (w, a) =>
    a === "ip"
      ? `ip ttl ${w.dice.pick(["63", "64", "< 64"])}`
      : `ip6 hoplimit ${w.dice.pick(["63", "64", "< 64"])}`,
  (w, a) => `${a} dscp ${neg(w)}${w.dice.pick(["cs0", "af11", "ef"])}`,
  (w, a) =>
    a === "ip"
      ? `ip length ${w.dice.pick(["< 60", "60", "36", "> 100"])}`
      : `ip6 length ${w.dice.pick(["< 40", "40", "16"])}`,
  (w) => `meta length ${w.dice.pick(["< 60", "> 60", "60"])}`,
  (w) =>
    `tcp flags ${w.dice.pick(["syn", "& (fin|syn|rst|ack) == syn", "& (syn|ack) == (syn|ack)", "& ack == ack", "! syn"])}`,
  (_w, a) => (a === "ip" ? "ip frag-off & 0x1fff == 0" : "meta nfproto ipv6"),
  (w) => `pkttype ${w.dice.pick(["host", "broadcast"])}`,
  (_w, a) =>
    a === "ip"
      ? "icmp type { echo-request, destination-unreachable }"
      : "icmpv6 type { echo-request, destination-unreachable }",
  (w, a) =>
    `${a} saddr . ${a} daddr { ${anyAddr(w)} . ${anyAddr(w)}, ${anyAddr(w)} . ${anyAddr(w)} }`,
  (_w, a) => `meta nfproto ${a === "ip" ? "ipv4" : "ipv6"}`,
  (w, a) => `${a} ${a === "ip" ? "protocol" : "nexthdr"} ${proto(w)}`,
  (w, _a) => `@th,16,16 ${anyPort(w)}`,
  (w, a) => `ct original ${a} saddr . meta mark { ${anyAddr(w)} . 0x0, ${anyAddr(w)} . 0x1 }`,
  (w) => `ct state new ct bytes > ${w.dice.pick([10, 100])}`,
  (w) => `ct state new ct packets ${w.dice.pick(["> 1", "< 3"])}`,
  (_w) => `ct expiration < 1h`,
];

/** One match of a rule on a hook. */
export function drawNftMatch(world: World, _hook: string): string {
  return world.dice.pick(MATCHES)(world, world.isIp6 ? "ip6" : "ip");
}

function prefixOf(world: World): string {
  const prefix = anyPrefix(world);
  return prefix.endsWith("/0") ? anyAddr(world) : prefix;
}
