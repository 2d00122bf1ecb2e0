/** Rulesets of nftables: sets, maps, verdict maps, several base chains on a hook, NAT. */
import { drawNftMatch } from "./nft-match.js";
import { anyAddr, anyPort, anyPrefix, type World } from "./world.js";

/** The text for `nft -f -`. */
export function drawNftables(world: World): string {
  const { dice, isIp6 } = world;
  const own = isIp6 ? "ip6" : "ip";
  const tables = [drawFilterTable(world, dice.chance(0.3) ? "inet" : own, "fw")];
  if (dice.chance(0.6)) tables.push(drawNatTable(world, dice.chance(0.2) ? "inet" : own));
  if (dice.chance(0.3)) tables.push(drawFilterTable(world, own, "second"));
  return tables.join("");
}

const FILTER_HOOKS = ["prerouting", "input", "forward", "output", "postrouting"] as const;

function drawFilterTable(world: World, family: string, name: string): string {
  const { dice, isIp6 } = world;
  const users = dice.times(dice.int(0, 3), (i) => `u${i}`);
  const bases = dice.times(dice.int(2, 5), (i) => {
    const hook = dice.pick([...FILTER_HOOKS, "input", "forward", "output"] as const);
    const type = hook === "output" && dice.chance(0.3) ? "route" : "filter";
    const priority = dice.pick([-300, -250, -150, -10, 0, 0, 0, 10, 50, 110, 300]);
    const policy = dice.chance(0.12) ? "drop" : "accept";
    return {
      name: `b${i}`,
      head: `type ${type} hook ${hook} priority ${priority}; policy ${policy};`,
      hook,
    };
  });
  const chain = (title: string, head: string, hook: string, count: number) => {
    const later = users.filter((user) => title.startsWith("b") || user > title);
    const rules = dice.times(count, () => `  ${drawRule(world, { hook, later })}`);
    return [` chain ${title} { ${head}`, ...rules, " }"].join("\n");
  };
  const neighbors = isIp6 ? " icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept;" : "";
  const established = (hook: string) => {
    const isMiddle = hook !== "prerouting" && hook !== "postrouting";
    const known = isMiddle ? dice.maybe(0.6, () => " ct state established,related accept;") : [];
    return `${known.join("")}${neighbors}`;
  };
  return [
    `table ${family} ${name} {`,
    ...drawSets(world, users),
    ...users.toReversed().map((user) => chain(user, "", "any", dice.int(1, 4))),
    ...bases.map((b) => chain(b.name, b.head + established(b.hook), b.hook, dice.int(1, 5))),
    "}",
    "",
  ].join("\n");
}

function drawSets(world: World, users: readonly string[]): string[] {
  const { dice, isIp6 } = world;
  const addr = isIp6 ? "ipv6_addr" : "ipv4_addr";
  const proto = () => dice.pick(["tcp", "udp"] as const);
  const service = () => {
    const p = proto();
    return `${p} . ${anyPort(world, p)}`;
  };
  const list = (count: number, draw: () => string) =>
    [...new Set(dice.times(count, draw))].join(", ");
  const net = () => {
    const prefix = anyPrefix(world);
    return prefix.endsWith("/0") ? anyAddr(world) : prefix;
  };
  const verdict = () =>
    users.length > 0 && dice.chance(0.5)
      ? `${dice.pick(["jump", "goto"])} ${dice.pick(users)}`
      : dice.pick(["accept", "drop", "continue", "return"]);
  const keyed = (count: number, key: () => string, value: () => string) => {
    const seen = new Map(dice.times(count, () => [key(), value()] as const));
    return [...seen].map(([k, v]) => `${k} : ${v}`).join(", ");
  };
  const vmapHead = users.map((user) => ` chain ${user} { }`);
  return [
    ...vmapHead,
    ` set hosts { type ${addr}; elements = { ${list(3, () => anyAddr(world))} } }`,
    ` set nets { type ${addr}; flags interval; auto-merge; elements = { ${list(4, net)} } }`,
    ` set hp { type ${addr} . inet_proto . inet_service; elements = { ${list(4, () => `${anyAddr(world)} . ${service()}`)} } }`,
    ` set np { type ${addr} . inet_proto . inet_service; flags interval; elements = { ${anyAddr(world)} . ${proto()} . 1-9000 } }`,
    ` set ports { type inet_service; flags interval; elements = { 20000-${dice.int(30000, 59999)}, 1-${dice.int(100, 9000)} } }`,
    ` set seen { type ${addr}; size 128; flags dynamic${dice.chance(0.5) ? ",timeout; timeout 1h" : ""}; }`,
    ` map vm { type ${addr} . inet_proto . inet_service : verdict; elements = { ${keyed(3, () => `${anyAddr(world)} . ${service()}`, verdict)} } }`,
    ` map pm { type inet_proto : verdict; elements = { ${keyed(2, proto, verdict)} } }`,
    ` map marks { type ${addr} : mark; elements = { ${keyed(
      3,
      () => anyAddr(world),
      () => dice.pick(["0x1", "0x2", "0x4000"]),
    )} } }`,
  ];
}

interface Spot {
  readonly hook: string;
  readonly later: readonly string[];
}

function drawRule(world: World, { hook, later }: Spot): string {
  const { dice } = world;
  const matches = dice.times(dice.int(0, 3), () => drawNftMatch(world, hook));
  const isTcp = matches.some((m) => m.startsWith("tcp"));
  const counter = dice.maybe(0.3, () => "counter");
  return [...matches, ...counter, drawStatement(world, { hook, later }, isTcp)].join(" ");
}

function drawStatement(world: World, { hook, later }: Spot, isTcp: boolean): string {
  const { dice, isIp6 } = world;
  const addr = isIp6 ? "ip6" : "ip";
  const mayReject = hook !== "postrouting" && hook !== "any";
  const jump = later.length > 0 ? `${dice.pick(["jump", "goto"])} ${dice.pick(later)}` : "accept";
  return dice.pick([
    "accept",
    "accept",
    "drop",
    "return",
    "continue",
    jump,
    jump,
    jump,
    "meta mark set 0x1",
    "meta mark set meta mark | 0x4000",
    "meta mark set meta mark & 0xfffffffe",
    `meta mark set ${addr} saddr map @marks`,
    "ct mark set 0x10",
    "ct mark set meta mark",
    "meta mark set ct mark",
    `update @seen { ${addr} saddr }`,
    `add @seen { ${addr} daddr }`,
    isIp6 ? "ip6 hoplimit set 5" : "ip ttl set 5",
    isIp6 ? "ip6 dscp set af11" : "ip dscp set af11",
    `${addr} daddr . meta l4proto . th dport vmap @vm`,
    "meta l4proto vmap @pm",
    `meta l4proto vmap { tcp : ${later.length > 0 ? `jump ${later[0]}` : "accept"}, udp : continue }`,
    `ct state new numgen inc mod ${dice.int(2, 3)} vmap { 0 : accept, 1 : continue }`,
    `jhash ${addr} saddr . ${addr} daddr mod 2 seed 0x${dice.hex(8)} vmap { 0 : accept, 1 : continue }`,
    "ct state new limit rate 2/hour burst 2 packets accept",
    'log prefix "x"',
    "notrack",
    mayReject ? drawReject(world, isTcp) : "accept",
    mayReject ? drawReject(world, isTcp) : "accept",
  ]);
}

function drawReject({ dice, isIp6 }: World, isTcp: boolean): string {
  const codes = isIp6
    ? ["no-route", "admin-prohibited", "addr-unreachable", "port-unreachable"]
    : [
        "net-unreachable",
        "host-unreachable",
        "port-unreachable",
        "prot-unreachable",
        "admin-prohibited",
        "net-prohibited",
        "host-prohibited",
      ];
  const icmp = isIp6 ? "icmpv6" : "icmp";
  return dice.pick([
    "reject",
    `reject with ${icmp} type ${dice.pick(codes)}`,
    `reject with icmpx type ${dice.pick(["no-route", "host-unreachable", "port-unreachable", "admin-prohibited"])}`,
    isTcp ? "reject with tcp reset" : "reject",
  ]);
}

function drawNatTable(world: World, family: string): string {
  const { dice, isIp6 } = world;
  const addr = isIp6 ? "ip6" : "ip";
  const proto = () => dice.pick(["tcp", "udp"] as const);
  const to = (p: "tcp" | "udp") => {
    const host = dice.pick(world.addrs)[1];
    return isIp6 ? `[${host}]:${dice.pick(world[p])}` : `${host}:${dice.pick(world[p])}`;
  };
  const inet = family === "inet" ? ` ${addr}` : "";
  const services = world.virtual.map((vip, i) => {
    const p = proto();
    const port = dice.pick([80, dice.pick(world[p])]);
    return {
      name: `svc${i}`,
      key: `${vip} . ${p} . ${port}`,
      body: `  ${dice.maybe(0.5, () => `${addr} saddr ${anyPrefix(world)}`).join("")} meta mark set meta mark | 0x4000\n  meta l4proto ${p} dnat${inet} to ${to(p)}`,
    };
  });
  const direct = dice.times(dice.int(0, 2), () => {
    const p = proto();
    return `  ${p} dport ${anyPort(world, p)} ${dice.pick([`dnat${inet} to ${to(p)}`, `redirect to :${dice.pick(world[p])}`, `redirect`])}`;
  });
  const type = isIp6 ? "ipv6_addr" : "ipv4_addr";
  const out = dice.chance(0.5)
    ? ["  meta mark & 0x4000 == 0 return", "  meta mark set meta mark ^ 0x4000", "  masquerade"]
    : [
        `  meta mark & 0x4000 == 0x4000 ${dice.pick(["masquerade", `snat${inet} to ${anyAddr(world)}`])}`,
        ...dice.maybe(
          0.5,
          () => `  oifname "e1" meta l4proto udp masquerade to :${dice.int(40000, 60000)}`,
        ),
      ];
  return [
    `table ${family} mynat {`,
    ...services.map((s) => ` chain ${s.name} {\n${s.body}\n }`),
    ` map svcs { type ${type} . inet_proto . inet_service : verdict; elements = { ${services.map((s) => `${s.key} : ${dice.pick(["goto", "jump"])} ${s.name}`).join(", ")} } }`,
    ` map dn { type inet_service : ${type}; elements = { ${anyPort(world, "tcp")} : ${dice.pick(world.addrs)[1]} } }`,
    " chain pre { type nat hook prerouting priority -100; policy accept;",
    `  ${addr} daddr . meta l4proto . th dport vmap @svcs`,
    `  fib daddr type local ${dice.chance(0.3) ? `dnat${inet} to tcp dport map @dn` : "counter"}`,
    ...direct,
    " }",
    " chain out { type nat hook output priority -100; policy accept;",
    `  ${addr} daddr . meta l4proto . th dport vmap @svcs`,
    " }",
    ` chain post { type nat hook postrouting priority ${dice.pick([100, 100, 90])}; policy accept;`,
    ...out,
    " }",
    ...(dice.chance(0.2)
      ? [
          " chain in { type nat hook input priority 100; policy accept;",
          `  meta l4proto tcp snat${inet} to ${anyAddr(world)}`,
          " }",
        ]
      : []),
    "}",
    "",
  ].join("\n");
}
