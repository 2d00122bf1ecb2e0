import { describe, expect, test } from "vitest";
import { Host, skbOf } from "../../../support/netfilter/host.js";

/** A filter table whose FORWARD chain has these rules, and chains U0 and U1 with those. */
function forward(rules: string[], more: { u0?: string[]; u1?: string[]; policy?: string } = {}) {
  const lines = [
    "*filter",
    ":INPUT ACCEPT [0:0]",
    `:FORWARD ${more.policy ?? "ACCEPT"} [0:0]`,
    ":OUTPUT ACCEPT [0:0]",
    ":U0 - [0:0]",
    ":U1 - [0:0]",
    ...rules.map((r) => `-A FORWARD ${r}`),
    ...(more.u0 ?? []).map((r) => `-A U0 ${r}`),
    ...(more.u1 ?? []).map((r) => `-A U1 ${r}`),
    "COMMIT",
    "",
  ];
  return lines.join("\n");
}

const web = "tcp 10.0.0.1:1000 10.0.0.2:80";
const dns = "udp 10.0.0.1:1000 10.0.0.2:53";

describe("one rule", () => {
  test.each<[rule: string, phrase: string, drops: boolean]>([
    ["-p tcp -j DROP", web, true],
    ["-p tcp -j DROP", dns, false],
    ["! -p tcp -j DROP", dns, true],
    ["-s 10.0.0.0/8 -j DROP", web, true],
    ["! -s 10.0.0.0/8 -j DROP", web, false],
    ["-d 10.0.0.2/32 -j DROP", web, true],
    ["-i eth0 -j DROP", web, true],
    ["-i eth+ -j DROP", web, true],
    ["-i e -j DROP", web, false],
    ["! -i eth0 -j DROP", web, false],
    ["-o eth1 -j DROP", web, true],
    ["-p tcp --dport 80 -j DROP", web, true],
    ["-p tcp --dport 81: -j DROP", web, false],
    ["-p tcp -m tcp ! --dport 1:79 -j DROP", web, true],
    ["-p tcp --sport 1000:1001 --dport 80 -j DROP", web, true],
    ["-p tcp --syn -j DROP", web, true],
    ["-p tcp --syn -j DROP", "ack 10.0.0.1:1000 10.0.0.2:80", false],
    ["-p tcp ! --syn -j DROP", "ack 10.0.0.1:1000 10.0.0.2:80", true],
    ["-p tcp -m tcp --tcp-flags ALL SYN -j DROP", web, true],
    ["-p udp --dport 53 -j DROP", dns, true],
    ["-p tcp -m multiport --dports 22,80,443 -j DROP", web, true],
    ["-p tcp -m multiport --sports 22,80,443 -j DROP", web, false],
    ["-p tcp -m multiport --ports 999:1001 -j DROP", web, true],
    ["-p udp -m multiport ! --dports 22 -j DROP", dns, true],
    ["-p icmp --icmp-type echo-request -j DROP", "icmp 10.0.0.1 10.0.0.2", true],
    ["-p icmp --icmp-type echo-reply -j DROP", "icmp 10.0.0.1 10.0.0.2", false],
    ["-p icmp -m icmp --icmp-type any -j DROP", "icmp 10.0.0.1 10.0.0.2", true],
    ["-m mark --mark 0x0/0xff -j DROP", web, true],
    ["-m mark ! --mark 0x4000/0x4000 -j DROP", web, true],
    ["-m mark --mark 0x4000/0x4000 -j DROP", web, false],
    ["-m iprange --src-range 10.0.0.0-10.0.0.5 -j DROP", web, true],
    ["-m iprange ! --dst-range 10.0.0.0-10.0.0.5 -j DROP", web, false],
    ["-m addrtype --dst-type LOCAL -j DROP", web, false],
    ["-m addrtype ! --dst-type LOCAL -j DROP", web, true],
    ["-m addrtype --src-type UNICAST,LOCAL -j DROP", web, true],
    ["-m physdev --physdev-is-bridged -j DROP", web, false],
    ["-m physdev ! --physdev-is-in -j DROP", web, true],
    ["-m ttl --ttl-gt 63 -j DROP", web, true],
    ["-m ttl ! --ttl-eq 64 -j DROP", web, false],
    ["-m length --length 28 -j DROP", dns, true],
    ["-m pkttype --pkt-type unicast -j DROP", dns, true],
    ["-m dscp --dscp 0 -j DROP", dns, true],
    ["-m comment --comment x -j DROP", dns, true],
    ["-m conntrack --ctstate NEW -j DROP", dns, true],
    ["-m conntrack ! --ctstate NEW -j DROP", dns, false],
    ["-m conntrack --ctstate ESTABLISHED,RELATED -j DROP", dns, false],
    ["-m conntrack --ctorigdst 10.0.0.2 --ctorigdstport 53 --ctproto udp -j DROP", dns, true],
    ["-m conntrack --ctdir REPLY -j DROP", dns, false],
    ["-m state --state NEW -j DROP", dns, true],
    ["-m statistic --mode random --probability 1 -j DROP", dns, true],
    ["-m statistic --mode random --probability 0 -j DROP", dns, false],
    ["-m statistic --mode random ! --probability 0 -j DROP", dns, true],
    ["-f -j DROP", dns, false],
    ["-j REJECT", dns, true],
    ["-j MARK --set-xmark 0x1/0x1", dns, false],
  ])("%s meets %s: %s", (rule, phrase, drops) => {
    const host = new Host({ iptables: forward([rule]) });
    const skb = skbOf(phrase);
    host.ask("prerouting", skb);
    const { kind } = host.ask("forward", skb);
    expect(kind !== "accept").toBe(drops);
  });
});

describe("chains", () => {
  test("a jump comes back, a goto does not", () => {
    const host = new Host({
      iptables: forward(["-j U0", "-g U1", "-j DROP"], {
        u0: ["-p udp -j ACCEPT"],
        policy: "DROP",
      }),
    });
    expect(host.ask("forward", skbOf(web))).toMatchObject({
      kind: "drop",
      by: { chain: "FORWARD" },
    });
    expect(host.events).toEqual([
      "filter FORWARD packet",
      "filter FORWARD rule jump U0",
      "filter FORWARD rule goto U1",
      "filter FORWARD policy drop",
    ]);
    expect(host.ask("forward", skbOf(dns)).kind).toBe("accept");
  });

  test("the end of a chain that was gone to leads to the caller's caller", () => {
    const host = new Host({
      iptables: forward(["-j U0", "-j DROP"], { u0: ["-g U1", "-j ACCEPT"], u1: ["-j RETURN"] }),
    });
    host.ask("forward", skbOf(web));
    expect(host.events.slice(1)).toEqual([
      "filter FORWARD rule jump U0",
      "filter U0 rule goto U1",
      "filter U1 rule return",
      "filter FORWARD rule drop",
    ]);
  });

  test("chains that lead to themselves end in an unknown fate", () => {
    const host = new Host({ iptables: forward(["-j U0"], { u0: ["-j U1"], u1: ["-j U0"] }) });
    expect(host.ask("forward", skbOf(web)).kind).toBe("unknown");
  });

  test("a match that is not modelled makes the fate unknown, unless another one fails before", () => {
    const host = new Host({ iptables: forward(["-p udp -m u32 --u32 0=1 -j DROP"]) });
    expect(host.ask("forward", skbOf(dns))).toMatchObject({
      kind: "unknown",
      feature: "match u32",
    });
    expect(host.ask("forward", skbOf(web)).kind).toBe("accept");
  });
});

describe("targets", () => {
  test.each([
    ["MARK --set-xmark 0x10/0xf0", 0x1f],
    ["MARK --or-mark 0x20", 0x2f],
    ["MARK --and-mark 0x3", 0x3],
    ["MARK --xor-mark 0x3", 0xc],
    ["MARK --set-mark 0x80000000", 0x80000000],
  ])("%s", (target, mark) => {
    const host = new Host({ iptables: forward([`-j ${target}`]) });
    const skb = skbOf(web, { mark: 0xf });
    host.ask("forward", skb);
    expect(skb.mark).toBe(mark);
  });

  test.each([
    ["icmp-port-unreachable", { kind: "icmp", type: 3, code: 3 }],
    ["icmp-host-prohibited", { kind: "icmp", type: 3, code: 10 }],
    ["icmp-admin-prohibited", { kind: "icmp", type: 3, code: 13 }],
    ["tcp-reset", { kind: "tcp-reset" }],
  ])("REJECT --reject-with %s", (how, answer) => {
    const host = new Host({ iptables: forward([`-p tcp -j REJECT --reject-with ${how}`]) });
    expect(host.ask("forward", skbOf(web))).toMatchObject({ kind: "reject", with: answer });
  });

  test("TCPMSS lowers and never raises", () => {
    const rules = ["-p tcp --syn -j TCPMSS --clamp-mss-to-pmtu"];
    const host = new Host({ iptables: forward(rules).replace("*filter", "*mangle") });
    const skb = skbOf(web);
    skb.packet = { ...skb.packet, payload: { ...skb.packet.payload, mss: 1460 } as never };
    host.ask("forward", skb);
    expect(skb.packet.payload).toMatchObject({ mss: 1360 });
    skb.packet = { ...skb.packet, payload: { ...skb.packet.payload, mss: 536 } as never };
    host.ask("forward", skb);
    expect(skb.packet.payload).toMatchObject({ mss: 536 });
  });
});

describe("memory", () => {
  test("nth matches every so manieth packet", () => {
    const rule = "-m statistic --mode nth --every 3 --packet 1 -j DROP";
    const host = new Host({ iptables: forward([rule]) });
    const kinds = Array.from({ length: 6 }, () => host.ask("forward", skbOf(web)).kind);
    expect(kinds).toEqual(["accept", "drop", "accept", "accept", "drop", "accept"]);
  });

  test("a limit lets a burst through, then its rate", () => {
    const host = new Host({
      iptables: forward(["-m limit --limit 1/sec --limit-burst 2 -j ACCEPT", "-j DROP"]),
    });
    const ask = () => host.ask("forward", skbOf(web)).kind;
    expect([ask(), ask(), ask()]).toEqual(["accept", "accept", "drop"]);
    host.nowUs = 1_000_000;
    expect([ask(), ask()]).toEqual(["accept", "drop"]);
  });

  test("recent remembers an address for some time", () => {
    const host = new Host({
      iptables: forward([
        "-p tcp -m recent --name L --rcheck --seconds 10 --reap -j DROP",
        "-p udp -m recent --name L --set",
      ]),
    });
    const ask = (phrase: string) => host.ask("forward", skbOf(phrase)).kind;
    expect(ask(web)).toBe("accept");
    expect(ask(dns)).toBe("accept");
    expect(ask(web)).toBe("drop");
    host.nowUs = 10_000_000;
    expect(ask(web)).toBe("drop");
    host.nowUs = 10_000_001;
    expect(ask(web)).toBe("accept");
  });
});

describe("the hooks", () => {
  test("conntrack is there only if a rule needs it", () => {
    const plain = new Host({ iptables: forward(["-p tcp -j DROP"]) });
    expect(plain.netfilter.tracks("ip")).toBe(false);
    const stateful = new Host({ iptables: forward(["-m conntrack --ctstate NEW -j DROP"]) });
    expect(stateful.netfilter.tracks("ip")).toBe(true);
    expect(stateful.netfilter.tracks("ip6")).toBe(false);
  });

  test("NOTRACK before conntrack makes a packet UNTRACKED", () => {
    const rules = forward(["-m conntrack --ctstate UNTRACKED -j DROP"]);
    const raw = "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p udp -j CT --notrack\nCOMMIT\n";
    const host = new Host({ iptables: raw + rules });
    for (const [phrase, kind] of [
      [dns, "drop"],
      [web, "accept"],
    ] as const) {
      const skb = skbOf(phrase);
      host.ask("prerouting", skb);
      expect(host.ask("forward", skb).kind).toBe(kind);
    }
  });

  test("DNAT rewrites the destination, and the answer's source", () => {
    const nat = [
      "*nat",
      ":PREROUTING ACCEPT [0:0]",
      ":POSTROUTING ACCEPT [0:0]",
      "-A PREROUTING -d 10.96.0.1/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.0.0.9:8080",
      "-A POSTROUTING -j MASQUERADE",
      "COMMIT",
      "",
    ];
    const host = new Host({ iptables: nat.join("\n") });
    const skb = skbOf("tcp 10.0.0.1:1000 10.96.0.1:80");
    host.ask("prerouting", skb);
    expect(host.events).toEqual(["nat PREROUTING packet", "nat PREROUTING rule accept"]);
    host.ask("postrouting", skb);
    expect(skb.packet).toMatchObject({ payload: { sport: 1000, dport: 8080 } });
    expect(`${skb.packet.src} ${skb.packet.dst}`).toBe("192.0.2.1 10.0.0.9");
    const answer = skbOf("ack 10.0.0.9:8080 192.0.2.1:1000");
    answer.packet = { ...answer.packet, payload: { ...answer.packet.payload, flags: 18 } as never };
    host.ask("prerouting", answer);
    host.ask("postrouting", answer);
    expect(`${answer.packet.src} ${answer.packet.dst}`).toBe("10.96.0.1 10.0.0.1");
  });

  test("a mark in mangle OUTPUT has the packet routed again", () => {
    const mangle = "*mangle\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -p tcp -j MARK --set-mark 1\nCOMMIT\n";
    const host = new Host({ iptables: mangle });
    host.ask("output", skbOf(dns, { iif: undefined }));
    expect(host.rerouted).toBe(0);
    host.ask("output", skbOf(web, { iif: undefined }));
    expect(host.rerouted).toBe(1);
  });

  test("sets are asked by direction", () => {
    const host = new Host({
      iptables: forward([
        "-m set --match-set hp dst,dst -j DROP",
        "-m set --match-set n src -j DROP",
      ]),
      ipset: [
        "create hp hash:ip,port family inet",
        "add hp 10.0.0.2,udp:53",
        "create n hash:net family inet",
        "add n 10.0.0.0/8",
        "add n 10.0.0.0/24 nomatch",
        "add n 10.0.0.1",
        "",
      ].join("\n"),
    });
    expect(host.ask("forward", skbOf(dns)).kind).toBe("drop");
    expect(host.ask("forward", skbOf(web)).kind).toBe("drop");
    expect(host.ask("forward", skbOf("tcp 10.0.0.3:1 10.0.0.2:80")).kind).toBe("accept");
    expect(host.ask("forward", skbOf("tcp 10.1.0.3:1 10.0.0.2:80")).kind).toBe("drop");
  });
});
