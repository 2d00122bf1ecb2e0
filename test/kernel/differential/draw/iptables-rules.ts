/** Whole iptables texts: tables, chains, targets. */
import { drawMatches, type Hook, type Place } from "./iptables-match.js";
import { anyAddr, anyPort, anyPrefix, type World } from "./world.js";

type Table = Place["table"];

const HOOKS: Readonly<Record<Table, readonly Hook[]>> = {
  raw: ["PREROUTING", "OUTPUT"],
  mangle: ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
  nat: ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
  filter: ["INPUT", "FORWARD", "OUTPUT"],
};

/** How many rules each table has. */
export type Counts = Readonly<Partial<Record<Table, number>>>;

/** The text for iptables-restore or ip6tables-restore. */
export function drawIptables(world: World, counts: Counts): string {
  const tables = (Object.keys(HOOKS) as Table[]).filter((table) => counts[table] !== undefined);
  return tables.map((table) => drawTable(world, table, counts[table] ?? 0)).join("");
}

function drawTable(world: World, table: Table, count: number): string {
  const { dice } = world;
  const users = dice.times(dice.int(0, 3), (i) => `U${i}`);
  const heads = HOOKS[table].map((hook) => `:${hook} ${drawPolicy(world, table)} [0:0]`);
  const places = dice.times(count, () => {
    const isUser = users.length > 0 && dice.chance(0.4);
    return isUser ? dice.pick(users) : dice.pick(HOOKS[table]);
  });
  const basics = table === "filter" ? drawBasics(world) : drawNeighbors(world, table);
  const rules = places.map((chain) => drawRule(world, { table, chain, users }));
  return [
    `*${table}`,
    ...heads,
    ...users.map((name) => `:${name} - [0:0]`),
    ...basics,
    ...rules,
    "COMMIT",
    "",
  ].join("\n");
}

function drawPolicy({ dice }: World, table: Table): string {
  return (table === "filter" && dice.chance(0.15)) || (table === "mangle" && dice.chance(0.03))
    ? "DROP"
    : "ACCEPT";
}

/** What most firewalls begin with; without it little gets through. */
function drawBasics(world: World): string[] {
  const { dice, isIp6 } = world;
  return HOOKS.filter.flatMap((hook) => [
    ...dice.maybe(0.7, () => `-A ${hook} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`),
    ...(isIp6 ? [`-A ${hook} -p ipv6-icmp -j ACCEPT`] : []),
  ]);
}

/** Neighbour discovery goes on, or when it fails would decide about everything. */
function drawNeighbors({ isIp6 }: World, table: Table): string[] {
  if (!isIp6 || table === "nat") return [];
  return HOOKS[table].map((hook) => `-A ${hook} -p ipv6-icmp -j ACCEPT`);
}

interface Spot {
  readonly table: Table;
  readonly chain: string;
  readonly users: readonly string[];
}

function drawRule(world: World, { table, chain, users }: Spot): string {
  const isUser = chain.startsWith("U");
  const hooks = isUser ? HOOKS[table] : [chain as Hook];
  const { proto, words } = drawMatches(world, { table, hooks });
  // A chain leads only to later ones, so that nothing goes round.
  const later = users.filter((name) => !isUser || name > chain);
  const target = drawTarget(world, { table, hooks, later, proto });
  return ["-A", chain, ...words, ...target].join(" ");
}

interface Want {
  readonly table: Table;
  readonly hooks: readonly Hook[];
  readonly later: readonly string[];
  readonly proto: "tcp" | "udp" | undefined;
}

function drawTarget(world: World, want: Want): string[] {
  const { dice } = world;
  if (want.later.length > 0 && dice.chance(0.3)) {
    return [`${dice.pick(["-j", "-j", "-g"])} ${dice.pick(want.later)}`];
  }
  if (dice.chance(0.04)) return [];
  if (dice.chance(0.08)) return ["-j RETURN"];
  switch (want.table) {
    case "raw":
      return dice.pick([["-j CT --notrack"], ["-j NOTRACK"], [drawMark(world)], ["-j ACCEPT"]]);
    case "mangle":
      return [drawMangle(world, want)];
    case "nat":
      return [drawNat(world, want)];
    case "filter":
      return [drawFilter(world, want)];
  }
}

function drawMark({ dice }: World): string {
  return dice.pick([
    "-j MARK --set-xmark 0x1/0x1",
    "-j MARK --set-xmark 0x2",
    "-j MARK --or-mark 0x4000",
    "-j MARK --and-mark 0xfffffffe",
    "-j MARK --xor-mark 0x3",
    "-j MARK --set-mark 0x10/0xf0",
  ]);
}

function drawMangle(world: World, { hooks, proto }: Want): string {
  const { dice, isIp6 } = world;
  const hops = isIp6 ? "HL --hl" : "TTL --ttl";
  return dice.pick([
    drawMark(world),
    drawMark(world),
    "-j CONNMARK --set-xmark 0x10/0xff",
    "-j CONNMARK --save-mark",
    "-j CONNMARK --restore-mark",
    "-j CONNMARK --save-mark --nfmask 0x3 --ctmask 0xf",
    "-j CONNMARK --or-mark 0x1",
    `-j ${hops}-set ${dice.pick([1, 2, 5, 64])}`,
    `-j ${hops}-dec ${dice.pick([1, 62, 63])}`,
    `-j ${hops}-inc 3`,
    `-j TOS --set-tos ${dice.pick(["0x10/0x3f", "0x08/0xff"])}`,
    `-j DSCP --set-dscp ${dice.pick(["0x0a", "0x2e"])}`,
    "-j ACCEPT",
    dice.chance(0.3) ? "-j DROP" : "-j ACCEPT",
    proto === "tcp" && hooks.length === 1 && hooks[0] !== "PREROUTING" && hooks[0] !== "INPUT"
      ? "-m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu"
      : drawMark(world),
    drawSetTarget(world),
  ]);
}

function drawSetTarget({ dice }: World): string {
  const set = dice.pick(["hosts src", "hosts dst", "hp dst,dst", "hp src,src"]);
  return dice.pick([`-j SET --add-set ${set} --exist`, `-j SET --del-set ${set}`]);
}

function drawNat(world: World, { hooks, proto }: Want): string {
  const { dice, isIp6 } = world;
  if (hooks.length > 1) return dice.pick(["-j ACCEPT", drawMark(world), drawMark(world)]);
  const host = (port?: number) => {
    const [, addr] = dice.pick(world.addrs);
    if (port === undefined) return addr;
    return isIp6 ? `[${addr}]:${port}` : `${addr}:${port}`;
  };
  const to = proto === undefined || dice.chance(0.3) ? host() : host(anyPort(world, proto));
  const ports = proto === undefined ? "" : ` --to-ports ${anyPort(world, proto)}`;
  switch (hooks[0]) {
    case "PREROUTING":
    case "OUTPUT":
      return dice.pick([
        `-j DNAT --to-destination ${to}`,
        `-j DNAT --to-destination ${to}`,
        `-j REDIRECT${ports}`,
        `-j NETMAP --to ${anyPrefix(world)}`,
        drawMark(world),
        "-j ACCEPT",
      ]);
    default:
      return dice.pick([
        `-j SNAT --to-source ${anyAddr(world)}`,
        `-j SNAT --to-source ${anyAddr(world)}${proto === undefined ? "" : ":61000"}`.replace(
          /^(.*--to-source )(\S*:\S*):61000$/,
          "$1[$2]:61000",
        ),
        hooks[0] === "POSTROUTING" ? "-j MASQUERADE" : "-j ACCEPT",
        hooks[0] === "POSTROUTING" ? "-j MASQUERADE" : drawMark(world),
        proto !== undefined && hooks[0] === "POSTROUTING"
          ? "-j MASQUERADE --to-ports 62000"
          : "-j ACCEPT",
        `-j NETMAP --to ${anyPrefix(world)}`,
        "-j ACCEPT",
      ]);
  }
}

const REJECTS4 = [
  "icmp-net-unreachable",
  "icmp-host-unreachable",
  "icmp-port-unreachable",
  "icmp-proto-unreachable",
  "icmp-net-prohibited",
  "icmp-host-prohibited",
  "icmp-admin-prohibited",
];
const REJECTS6 = [
  "icmp6-no-route",
  "icmp6-adm-prohibited",
  "icmp6-addr-unreachable",
  "icmp6-port-unreachable",
  "icmp6-policy-fail",
  "icmp6-reject-route",
];

function drawFilter(world: World, { proto }: Want): string {
  const { dice, isIp6 } = world;
  return dice.pick([
    "-j ACCEPT",
    "-j ACCEPT",
    "-j ACCEPT",
    "-j DROP",
    "-j DROP",
    "-j REJECT",
    `-j REJECT --reject-with ${dice.pick(isIp6 ? REJECTS6 : REJECTS4)}`,
    proto === "tcp" ? "-j REJECT --reject-with tcp-reset" : "-j ACCEPT",
    drawMark(world),
    "-j CONNMARK --set-xmark 0x10/0xff",
    drawSetTarget(world),
    '-j LOG --log-prefix "x"',
  ]);
}
