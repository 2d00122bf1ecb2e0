/** Matches of iptables rules, drawn from everything that the model has. */
import { anyAddr, anyPort, anyPrefix, type World } from "./world.js";

/** Where a rule is going to stand: what may be asked there. */
export interface Place {
  readonly table: "raw" | "mangle" | "nat" | "filter";
  /** Hooks from which the chain is reached; a user chain has those of all chains of its table. */
  readonly hooks: readonly Hook[];
}

/** Built-in chains. */
export type Hook = "PREROUTING" | "INPUT" | "FORWARD" | "OUTPUT" | "POSTROUTING";

const not = ({ dice }: World) => (dice.chance(0.25) ? "! " : "");

/** The matches of one rule, and the protocol they ask for. */
export function drawMatches(world: World, place: Place) {
  const { dice, isIp6 } = world;
  const proto = dice.chance(0.5) ? dice.pick(["tcp", "udp"] as const) : undefined;
  const words = [
    ...dice.maybe(0.3, () => `${not(world)}-s ${anyPrefix(world)}`),
    ...dice.maybe(0.3, () => `${not(world)}-d ${anyPrefix(world)}`),
    ...(mayAskIn(place) ? dice.maybe(0.15, () => `${not(world)}-i ${anyLink(world)}`) : []),
    ...(mayAskOut(place) ? dice.maybe(0.15, () => `${not(world)}-o ${anyLink(world)}`) : []),
    ...(isIp6 ? [] : dice.maybe(0.02, () => `${not(world)}-f`)),
    ...(proto === undefined ? drawOtherProtocol(world) : [`-p ${proto}`]),
    ...(proto === undefined ? [] : drawPorts(world, proto)),
    ...drawExtras(world, place),
  ];
  return { proto, words };
}

const AFTER_IN: readonly Hook[] = ["OUTPUT", "POSTROUTING"];
const BEFORE_OUT: readonly Hook[] = ["PREROUTING", "INPUT"];

function mayAskIn({ hooks }: Place): boolean {
  return !hooks.some((hook) => hooks.length === 1 && AFTER_IN.includes(hook));
}

function mayAskOut({ hooks }: Place): boolean {
  return !hooks.some((hook) => hooks.length === 1 && BEFORE_OUT.includes(hook));
}

function anyLink({ dice, links }: World): string {
  return dice.chance(0.8) ? dice.pick(links) : dice.pick(["e+", "v+", "+", "zz0", "lo"]);
}

function drawOtherProtocol(world: World): string[] {
  const { dice, isIp6 } = world;
  const icmp = isIp6 ? "ipv6-icmp" : "icmp";
  const type = isIp6
    ? ["echo-request", "destination-unreachable", "port-unreachable", "packet-too-big", "1/4"]
    : ["echo-request", "destination-unreachable", "port-unreachable", "3/4", "11", "3/1"];
  const option = isIp6 ? "-m icmp6 --icmpv6-type" : "-m icmp --icmp-type";
  return dice.maybe(0.2, () =>
    dice.pick([
      `! -p ${dice.pick(["tcp", "udp", icmp])}`,
      `-p ${icmp} ${option} ${dice.pick(type)}`,
      `-p ${icmp} ${not(world)}${option.replace(/ --/, " --")} ${dice.pick(type)}`.replace(
        /! (-m \S+) /,
        "$1 ! ",
      ),
      "-p sctp",
    ]),
  );
}

function drawPorts(world: World, proto: "tcp" | "udp"): string[] {
  const { dice } = world;
  const port = () => anyPort(world, proto);
  const range = () => {
    const middle = port();
    return `${Math.max(0, middle - dice.int(0, 200))}:${Math.min(65535, middle + dice.int(0, 200))}`;
  };
  const single = dice.maybe(
    0.4,
    () => `${not(world)}--dport ${dice.chance(0.5) ? port() : range()}`,
  );
  const source = dice.maybe(0.15, () => `${not(world)}--sport 20000:${dice.int(20001, 59999)}`);
  const flags = proto === "tcp" ? dice.maybe(0.15, () => `${not(world)}${drawFlags(world)}`) : [];
  const multi = dice.maybe(0.12, () => {
    const which = dice.pick(["--dports", "--sports", "--ports"]);
    const list = [String(port()), String(port()), "8000:8100", `20000:${dice.int(20001, 59999)}`];
    return `-m multiport ${not(world)}${which} ${dice.few(list, 3).join(",")}`;
  });
  return [
    ...(single.length + source.length + flags.length > 0 ? [`-m ${proto}`] : []),
    ...single,
    ...source,
    ...flags,
    ...multi,
  ];
}

function drawFlags({ dice }: World): string {
  return dice.pick([
    "--syn",
    "--tcp-flags SYN,ACK,FIN,RST SYN",
    "--tcp-flags ALL ACK",
    "--tcp-flags RST,ACK RST",
    "--tcp-flags ALL SYN,ACK",
    "--tcp-flags FIN FIN",
    "--tcp-option 2",
  ]);
}

const FIRST = "-m conntrack --ctstate NEW ";

type Extra = (world: World, place: Place) => string | undefined;

const STATES = ["NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED", "SNAT", "DNAT"];

const EXTRAS: readonly Extra[] = [
  (w) => `-m conntrack ${not(w)}--ctstate ${w.dice.few(STATES, 3).join(",")}`,
  (w) => `-m conntrack ${not(w)}--ctstate ${w.dice.few(STATES, 3).join(",")}`,
  (w) => `-m conntrack ${not(w)}--ctproto ${w.dice.pick(["tcp", "udp"])}`,
  (w) =>
    `-m conntrack ${not(w)}--${w.dice.pick(["ctorigsrc", "ctorigdst", "ctreplsrc", "ctrepldst"])} ${anyPrefix(w)}`,
  (w) => `-m conntrack ${not(w)}--${w.dice.pick(["ctorigdstport", "ctreplsrcport"])} ${anyPort(w)}`,
  (w) => `-m conntrack --ctdir ${w.dice.pick(["ORIGINAL", "REPLY"])}`,
  (w) =>
    `-m conntrack ${not(w)}--ctstatus ${w.dice.few(["EXPECTED", "SEEN_REPLY", "ASSURED", "CONFIRMED"], 2).join(",")}`,
  (w) => `-m state --state ${w.dice.few(STATES.slice(0, 5), 2).join(",")}`,
  (w) => `-m mark ${not(w)}--mark ${w.dice.pick(["0x1/0x1", "0x2", "0x0/0xff", "0x4000/0x4000"])}`,
  (w) => `-m connmark ${not(w)}--mark ${w.dice.pick(["0x1/0x1", "0x2", "0x0/0xff", "0x10"])}`,
  (w, place) => drawAddrtype(w, place),
  (w, place) => drawAddrtype(w, place),
  (w) => drawSet(w),
  (w) => drawSet(w),
  (w) => {
    const [first, last] = [anyAddr(w), anyAddr(w)].sort(w.isIp6 ? byText : byNumber) as [
      string,
      string,
    ];
    return `-m iprange ${not(w)}--${w.dice.pick(["src", "dst"])}-range ${first}-${last}`;
  },
  // Rules that count are asked of first packets only: how many follow is a matter of timing.
  (w) => `${FIRST}-m statistic --mode nth --every ${w.dice.int(2, 4)} --packet ${w.dice.int(0, 1)}`,
  (w) => `-m statistic --mode random ${w.dice.pick(["", "! "])}--probability 1.0`,
  (w) => `${FIRST}${drawRecent(w)}`,
  (w) => `${FIRST}${drawRecent(w)}`,
  (w) =>
    `${FIRST}-m limit --limit ${w.dice.pick(["1/hour", "2/min", "1/sec"])} --limit-burst ${w.dice.int(1, 4)}`,
  (w) => `-m length ${not(w)}--length ${w.dice.pick(["0:59", "60", "36", "40:60", "1000:65535"])}`,
  (w) => `-m comment --comment "rule ${w.dice.int(0, 999)}"`,
  (w) => `-m pkttype ${not(w)}--pkt-type ${w.dice.pick(["unicast", "broadcast", "multicast"])}`,
  (w) =>
    w.isIp6
      ? `-m hl --hl-${w.dice.pick(["eq", "lt", "gt"])} ${w.dice.int(62, 64)}`
      : `-m ttl --ttl-${w.dice.pick(["eq", "lt", "gt"])} ${w.dice.int(62, 64)}`,
  (w) => `-m dscp ${not(w)}--dscp ${w.dice.pick(["0x00", "0x0a", "0x2e"])}`,
  (w) => `-m tos ${not(w)}--tos ${w.dice.pick(["0x00/0xff", "0x10/0x3f"])}`,
  (w, { hooks }) =>
    hooks.some((h) => h === "OUTPUT" || h === "POSTROUTING")
      ? undefined
      : `-m mac ${not(w)}--mac-source 02:00:00:00:00:0${w.dice.int(0, 5)}`,
  (w, { hooks }) => drawPhysdev(w, hooks),
  (w, { hooks }) => drawPhysdev(w, hooks),
  (w, { table, hooks }) =>
    hooks.every((h) => h === "PREROUTING") && table !== "nat"
      ? `-m rpfilter ${w.dice.few(["--loose", "--validmark", "--accept-local", "--invert"], 2).join(" ")}`
      : undefined,
  (w) =>
    `${FIRST}-m connbytes ${not(w)}--connbytes ${w.dice.int(1, 3)}:${w.dice.int(3, 9)} --connbytes-mode packets --connbytes-dir ${w.dice.pick(["original", "reply", "both"])}`,
];

function drawExtras(world: World, place: Place): string[] {
  const { dice } = world;
  const count = dice.pick([0, 0, 0, 1, 1, 1, 2]);
  return dice.times(count, () => dice.pick(EXTRAS)(world, place)).filter((m) => m !== undefined);
}

function drawAddrtype(world: World, { hooks }: Place): string {
  const { dice } = world;
  const types = dice.few(
    [
      "LOCAL",
      "UNICAST",
      "BROADCAST",
      "MULTICAST",
      "UNSPEC",
      "ANYCAST",
      "BLACKHOLE",
      "UNREACHABLE",
      "PROHIBIT",
    ],
    2,
  );
  const limit = dice.chance(0.25) ? ` --limit-iface-${limitOf(hooks)}` : "";
  return `-m addrtype ${not(world)}--${dice.pick(["src", "dst"])}-type ${types.join(",")}${limit}`;
}

function limitOf(hooks: readonly Hook[]): "in" | "out" {
  return hooks.some((h) => BEFORE_OUT.includes(h)) ? "in" : "out";
}

/** Sets of every scenario with their dimensions. */
export const SETS: readonly (readonly [string, number])[] = [
  ["hosts", 1],
  ["nets", 1],
  ["hp", 2],
  ["np", 2],
  ["all", 1],
  ["hip", 3],
];

function drawSet(world: World): string {
  const { dice } = world;
  const [name, dimensions] = dice.pick(SETS);
  const words = dice.times(dimensions, () => dice.pick(["src", "dst"]));
  return `-m set ${not(world)}--match-set ${name} ${words.join(",")}`;
}

function drawRecent(world: World): string {
  const { dice } = world;
  const name = `--name r${dice.int(0, 1)} ${dice.pick(["--rsource", "--rdest"])}`;
  const mask = world.isIp6 ? "" : dice.pick(["", "", " --mask 255.255.255.0"]);
  const which = dice.pick(["--set", "--set", "--rcheck", "--update", "--remove"]);
  const asks = which === "--rcheck" || which === "--update";
  const seconds = asks ? dice.maybe(0.4, () => `--seconds ${dice.pick([1, 60, 3600])}`) : [];
  const reap = seconds.length > 0 ? dice.maybe(0.3, () => "--reap") : [];
  const hits = asks ? dice.maybe(0.4, () => `--hitcount ${dice.int(1, 4)}`) : [];
  const ttl = asks ? dice.maybe(0.2, () => "--rttl") : [];
  return ["-m recent", `${not(world)}${which}`, ...seconds, ...reap, ...hits, ...ttl, name]
    .join(" ")
    .concat(mask);
}

function drawPhysdev(world: World, hooks: readonly Hook[]): string | undefined {
  const { dice } = world;
  const knowsOut = hooks.every((h) => h === "FORWARD" || h === "POSTROUTING");
  const port = dice.pick(["v0", "v1", "v2", "veth0", "veth1", "v+"]);
  const asks = [
    ...(hooks.includes("OUTPUT") ? [] : [`${not(world)}--physdev-in ${port}`, "--physdev-is-in"]),
    ...(knowsOut ? [`${not(world)}--physdev-out ${port}`, "--physdev-is-out"] : []),
    ...(knowsOut ? [`${not(world)}--physdev-is-bridged`] : []),
  ];
  return asks.length === 0 ? undefined : `-m physdev ${dice.pick(asks)}`;
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function byNumber(a: string, b: string): number {
  const value = (addr: string) =>
    addr.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  return value(a) - value(b);
}
