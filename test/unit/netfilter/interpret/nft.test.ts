import { describe, expect, test } from "vitest";
import { Host, skbOf } from "../../../support/netfilter/host.js";

/** A table of family ip whose forward chain has these rules. */
function forward(
  rules: string[],
  more: { parts?: string[]; policy?: string; family?: string } = {},
) {
  return [
    `table ${more.family ?? "ip"} t {`,
    ...(more.parts ?? []),
    "chain u { return; }",
    "chain d { drop; }",
    `chain f { type filter hook forward priority 0; policy ${more.policy ?? "accept"};`,
    ...rules,
    "}",
    "}",
    "",
  ].join("\n");
}

const web = "tcp 10.0.0.1:1000 10.0.0.2:80";
const dns = "udp 10.0.0.1:1000 10.0.0.2:53";
const ping = "icmp 10.0.0.1 10.0.0.2";

describe("one rule", () => {
  test.each<[rule: string, phrase: string, drops: boolean]>([
    ["ip saddr 10.0.0.1 drop", web, true],
    ["ip saddr != 10.0.0.1 drop", web, false],
    ["ip saddr 10.0.0.0/8 drop", web, true],
    ["ip saddr 10.0.0.0-10.0.0.5 drop", web, true],
    ["ip saddr { 10.0.0.9, 10.0.0.0/30 } drop", web, true],
    ["ip saddr != { 10.0.0.9, 10.0.0.0/30 } drop", web, false],
    ["tcp dport 80 drop", web, true],
    ["tcp dport 80 drop", "udp 10.0.0.1:1 10.0.0.2:80", false],
    ["tcp dport != 80 drop", dns, false],
    ["tcp dport >= 80 drop", web, true],
    ["tcp dport < 80 drop", web, false],
    ["tcp dport { 22, 80-90 } drop", web, true],
    ["th dport 53 drop", dns, true],
    ["meta l4proto { tcp, udp } drop", dns, true],
    ["meta l4proto icmp drop", ping, true],
    ["ip protocol udp drop", dns, true],
    ["icmp type echo-request drop", ping, true],
    ["icmp type { echo-reply, redirect } drop", ping, false],
    ["tcp flags syn drop", web, true],
    ["tcp flags & (syn | ack) == syn drop", web, true],
    ["tcp flags syn / fin,syn,rst,ack drop", "ack 10.0.0.1:1 10.0.0.2:80", false],
    ["iifname eth0 drop", web, true],
    ['iifname "e*" drop', web, true],
    ['iifname != "cni*" drop', web, true],
    ['oifname { "eth1", "eth2" } drop', web, true],
    ["iif eth0 drop", web, true],
    ["meta mark 0 drop", web, true],
    ["meta mark & 0x4000 == 0 drop", web, true],
    ["meta mark and 0x4000 == 0x4000 drop", web, false],
    ["meta pkttype host drop", web, true],
    ["meta length 28 drop", dns, true],
    ["ip ttl 64 drop", web, true],
    ["ip dscp cs0 drop", web, true],
    ["fib daddr type local drop", web, false],
    ["fib daddr type != local drop", web, true],
    ["fib saddr type { local, unicast } drop", web, true],
    ['fib saddr . iif oifname "eth0" drop', web, true],
    ["fib saddr . iif oif missing drop", web, false],
    ["ct state new drop", dns, true],
    ["ct state established,related drop", dns, false],
    ["ct state != { established } drop", dns, true],
    ["ct state vmap { new : drop, invalid : accept }", dns, true],
    ["ct direction original drop", dns, true],
    ["ct original ip saddr 10.0.0.1 ct original proto-dst 53 drop", dns, true],
    ["ct status dnat drop", dns, false],
    ["ip saddr . tcp dport { 10.0.0.1 . 80 } drop", web, true],
    ["ip saddr . tcp dport { 10.0.0.0/8 . 70-90 } drop", web, true],
    ["ip daddr . meta l4proto . th dport vmap { 10.0.0.2 . tcp . 80 : drop }", web, true],
    ["tcp dport vmap { 80 : jump d, 90 : accept }", web, true],
    ["tcp dport vmap { 80 : jump u } drop", web, false],
    ["ip saddr vmap { 10.0.0.7 : accept, * : drop }", web, true],
    ["numgen random mod 1 vmap { 0 : drop }", web, true],
    ["numgen inc mod 2 offset 5 vmap { 5 : drop }", web, true],
    ["reject with tcp reset", web, true],
    ["reject with tcp reset", dns, false],
    ["meta mark set 5 meta mark 5 drop", web, true],
    ["meta mark set ip saddr map { 10.0.0.1 : 7 } meta mark 7 drop", web, true],
    ["ct mark set 9 ct mark 9 drop", dns, true],
    ["continue drop", web, false],
    ["return", web, false],
    ["goto d", web, true],
  ])("%s meets %s: %s", (rule, phrase, drops) => {
    const host = new Host({ nft: forward([rule]) });
    const skb = skbOf(phrase);
    host.ask("prerouting", skb);
    expect(host.ask("forward", skb).kind !== "accept").toBe(drops);
  });
});

test.each([
  ["reject", 3, 3],
  ["reject with icmp host-prohibited", 3, 10],
  ["reject with icmpx admin-prohibited", 3, 13],
  ["reject with icmpx no-route", 3, 0],
])("%s", (rule, type, code) => {
  const host = new Host({ nft: forward([rule], { family: "inet" }) });
  expect(host.ask("forward", skbOf(web))).toMatchObject({ with: { kind: "icmp", type, code } });
});

describe("families", () => {
  test("inet sees both, and tests of one family fail for the other", () => {
    const host = new Host({ nft: forward(["ip6 saddr fd00::1 drop"], { family: "inet" }) });
    expect(host.ask("forward", skbOf("tcp [fd00::1]:1 [fd00::2]:2")).kind).toBe("drop");
    expect(host.ask("forward", skbOf(web)).kind).toBe("accept");
  });

  test("a table of family ip does not see IPv6", () => {
    const host = new Host({ nft: forward(["drop"]) });
    expect(host.ask("forward", skbOf("tcp [fd00::1]:1 [fd00::2]:2")).kind).toBe("accept");
  });

  test("a dormant table sees nothing", () => {
    const host = new Host({ nft: forward(["drop"], { parts: ["flags dormant;"] }) });
    expect(host.ask("forward", skbOf(web)).kind).toBe("accept");
  });
});

describe("several base chains", () => {
  const chain = (name: string, priority: number, rule: string) =>
    `chain ${name} { type filter hook forward priority ${priority}; policy accept; ${rule}; }`;

  test("an accept ends one chain, a drop all of them", () => {
    const nft = `table ip t { ${chain("a", -5, "accept")}\n ${chain("b", 5, "drop")}\n }\n`;
    const host = new Host({ nft });
    expect(host.ask("forward", skbOf(web))).toMatchObject({ kind: "drop", by: { chain: "b" } });
  });

  test("of one priority the later one is asked first", () => {
    const nft = `table ip t { ${chain("a", 0, "accept")}\n ${chain("b", 0, "accept")}\n }\n`;
    const host = new Host({
      nft,
      iptables: "*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -j ACCEPT\nCOMMIT\n",
    });
    host.ask("forward", skbOf(web));
    const order = host.events.filter((event) => event.endsWith("packet"));
    expect(order).toEqual(["t b packet", "t a packet", "filter FORWARD packet"]);
  });

  test("the kernel's trace is told", () => {
    const host = new Host({
      nft: forward(["jump u", "meta mark set 1", "goto u"], { policy: "drop" }),
    });
    host.ask("forward", skbOf(web));
    expect(host.events).toEqual([
      "t f packet",
      "t f rule jump u",
      "t u rule return",
      "t f rule continue",
      "t f rule goto u",
      "t u rule return",
      "t f policy drop",
    ]);
  });
});

describe("sets that packets change", () => {
  const parts = ["set s { type ipv4_addr; size 2; flags dynamic,timeout; timeout 10s; }"];

  test("an update lasts for the set's time", () => {
    const host = new Host({
      nft: forward(["ip saddr @s drop", "update @s { ip saddr }"], { parts }),
    });
    const ask = () => host.ask("forward", skbOf(web)).kind;
    expect(ask()).toBe("accept");
    expect(ask()).toBe("drop");
    expect(host.netfilter.nftElements("ip", "t", "s")).toEqual(["10.0.0.1"]);
    host.nowUs = 10_000_000;
    expect(ask()).toBe("accept");
  });

  test("a full set ends the rule", () => {
    const host = new Host({ nft: forward(["add @s { ip saddr } accept", "drop"], { parts }) });
    const ask = (n: number) => host.ask("forward", skbOf(`tcp 10.0.0.${n}:1 10.0.0.9:80`)).kind;
    expect([ask(1), ask(2), ask(3), ask(1)]).toEqual(["accept", "accept", "drop", "accept"]);
  });
});

test("limits are buckets", () => {
  const host = new Host({
    nft: forward(["limit rate 1/second burst 2 packets accept", "drop"]),
  });
  const ask = () => host.ask("forward", skbOf(web)).kind;
  expect([ask(), ask(), ask()]).toEqual(["accept", "accept", "drop"]);
  host.nowUs = 1_000_000;
  expect([ask(), ask()]).toEqual(["accept", "drop"]);
});

test.each(["quota over 5 mbytes drop", "meta cpu 0 drop", "symhash mod 2 vmap { 0 : drop }"])(
  "%s has an unknown fate, but only for packets that come so far",
  (rule) => {
    const host = new Host({ nft: forward([`meta l4proto udp ${rule}`]) });
    expect(host.ask("forward", skbOf(dns))).toMatchObject({ kind: "unknown", by: { chain: "f" } });
    expect(host.ask("forward", skbOf(web)).kind).toBe("accept");
  },
);

test.each([
  ["dnat to 10.0.0.9:8080", "10.0.0.9", 8080],
  ["dnat to 10.0.0.9", "10.0.0.9", 80],
  ["dnat to tcp dport map { 80 : 10.0.0.7 }", "10.0.0.7", 80],
  ["dnat to tcp dport map { 80 : 10.0.0.7 . 81 }", "10.0.0.7", 81],
  ["dnat to numgen inc mod 2 map { 0 : 10.0.0.5, 1 : 10.0.0.6 }", "10.0.0.5", 80],
  ["redirect to :8080", "192.0.2.1", 8080],
  ["tcp dport vmap @m", "10.0.0.8", 80],
])("%s", (rule, addr, port) => {
  const nft = [
    "table ip t {",
    "map m { type inet_service : verdict; elements = { 80 : goto e } }",
    "chain e { meta l4proto tcp dnat to 10.0.0.8 }",
    `chain p { type nat hook prerouting priority dstnat; policy accept; ${rule} }`,
    "}",
    "",
  ];
  const host = new Host({ nft: nft.join("\n") });
  const skb = skbOf(web);
  expect(host.ask("prerouting", skb).kind).toBe("accept");
  expect([skb.packet.dst.toString(), skb.packet.payload]).toMatchObject([addr, { dport: port }]);
});

// Marks that Linux 6.18 gave these expressions.
test.each([
  ["jhash ip saddr . udp dport mod 100000 seed 0x1234", 78573],
  ["jhash ip saddr mod 100000 seed 0xdeadbeef", 32376],
  ["jhash ip saddr . ip daddr . udp sport . udp dport mod 100000 seed 0x7", 55886],
  ["jhash udp sport mod 100000 seed 0x5", 92838],
  ["jhash ip saddr . meta l4proto mod 100000 seed 0x9", 24220],
])("%s is %i", (expr, mark) => {
  const host = new Host({ nft: forward([`meta mark set ${expr}`]) });
  const skb = skbOf("udp 10.0.0.1:4000 10.0.0.1:5000");
  host.ask("forward", skb);
  expect(skb.mark).toBe(mark);
});
