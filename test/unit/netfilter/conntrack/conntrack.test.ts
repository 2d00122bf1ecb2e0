import { describe, expect, test } from "vitest";
import { parseAddr } from "../../../../src/addr/index.js";
import { createSkb } from "../../../../src/netfilter/index.js";
import { icmp, packetOf, Router, udp } from "../../../support/connections.js";

const there = udp("10.2.0.1:5000", "10.2.0.2:53");
const back = udp("10.2.0.2:53", "10.2.0.1:5000");

describe("a UDP flow", () => {
  test("lives 30 seconds, and 120 once it is a stream", () => {
    const router = new Router();
    expect(router.forward(there)?.ctInfo).toBe("new");
    expect(router.list()).toEqual([
      "udp      17 29 src=10.2.0.1 dst=10.2.0.2 sport=5000 dport=53 [UNREPLIED] " +
        "src=10.2.0.2 dst=10.2.0.1 sport=53 dport=5000 mark=0 use=1",
    ]);
    expect(router.forward(back)?.ctInfo).toBe("established");
    expect(router.list()[0]).toContain("17 29 src");
    expect(router.list()[0]).not.toContain("ASSURED");
    router.nowUs = 3_000_000;
    router.forward(there);
    expect(router.list()[0]).toMatch(/17 119 .*\[ASSURED\] mark=0 use=1$/);
    router.nowUs += 120_000_000;
    expect(router.list()).toEqual([]);
    expect(router.forward(back)?.ctInfo).toBe("new");
  });

  test("leaves nothing when its packet is dropped on the way", () => {
    const router = new Router();
    expect(router.forward(there, "forward")).toBeUndefined();
    expect(router.list()).toEqual([]);
  });

  test("is NEW until the other side answers", () => {
    const router = new Router();
    router.forward(there);
    expect(router.forward(there)?.ctInfo).toBe("new");
    router.forward(back);
    expect(router.forward(there)?.ctInfo).toBe("established");
  });

  test("is not the flow of another zone", () => {
    const { conntrack } = new Router();
    for (const ctZone of [0, 7]) {
      const skb = createSkb(there, { ctZone });
      conntrack.enter(skb);
      expect(skb.ctInfo).toBe("new");
      conntrack.confirm(skb);
    }
    expect(conntrack.list()[1]).toContain("mark=0 zone=7 use=1");
  });

  test("is untracked when a rule said so", () => {
    const { conntrack } = new Router();
    const skb = createSkb(there, { notrack: true });
    conntrack.enter(skb);
    expect(skb.ctInfo).toBe("untracked");
    conntrack.confirm(skb);
    expect(conntrack.list()).toEqual([]);
  });

  test("joins the entry of a packet that was faster", () => {
    const { conntrack } = new Router();
    const [a, b] = [createSkb(there), createSkb(there)];
    conntrack.enter(a);
    conntrack.enter(b);
    conntrack.confirm(a);
    expect(conntrack.confirm(b)).toEqual({ kind: "accept" });
    expect(b.ct).toBe(a.ct);
    expect(conntrack.table.count).toBe(1);
  });
});

describe("the table", () => {
  const flow = (n: number) => udp(`10.2.0.1:${n}`, "10.2.0.2:53");

  test("pushes out what is not assured, and refuses when all is", () => {
    const router = new Router({ sysctls: { "net.netfilter.nf_conntrack_max": "2" } });
    for (const n of [1, 2, 3]) expect(router.forward(flow(n))?.ctInfo).toBe("new");
    expect(router.list().map((line) => /sport=(\d+)/.exec(line)?.[1])).toEqual(["2", "3"]);
    for (const n of [2, 3]) {
      router.forward(udp("10.2.0.2:53", `10.2.0.1:${n}`));
      router.forward(flow(n));
    }
    expect(router.forward(flow(4))).toBeUndefined();
  });

  test("deletes by filter and comes back from a snapshot", () => {
    const router = new Router();
    for (const n of [1, 2, 3]) router.forward(flow(n));
    const saved = router.conntrack.save();
    const before = router.list();
    expect(router.conntrack.delete({ original: { sport: 2 } })).toHaveLength(1);
    expect(router.conntrack.delete({ reply: { dst: parseAddr("10.2.0.9") } })).toHaveLength(0);
    expect(router.conntrack.delete()).toHaveLength(2);
    router.conntrack.restore(saved);
    expect(router.list()).toEqual(before);
  });
});

describe("ICMPv6", () => {
  test("tracks echo, leaves neighbour discovery alone", () => {
    const router = new Router();
    expect(router.forward(icmp("fd00::1", "fd00::2", 128, { id: 7 }))?.ctInfo).toBe("new");
    expect(router.list()[0]).toBe(
      "icmpv6   58 29 src=fd00::1 dst=fd00::2 type=128 code=0 id=7 [UNREPLIED] " +
        "src=fd00::2 dst=fd00::1 type=129 code=0 id=7 mark=0 use=1",
    );
    expect(router.forward(icmp("fd00::2", "fd00::1", 129, { id: 7 }))?.ctInfo).toBe("established");
    expect(router.forward(icmp("fd00::2", "fd00::1", 135))?.ctInfo).toBe("untracked");
    expect(router.forward(icmp("fd00::2", "fd00::1", 137))?.ctInfo).toBe("invalid");
  });
});

describe("other protocols", () => {
  test("live 600 seconds; a later fragment belongs to nothing", () => {
    const router = new Router();
    const payload = { kind: "filler", lengthBytes: 0 } as const;
    const esp = packetOf("10.2.0.1", "10.2.0.2", { kind: "other", protocol: 50, payload });
    expect(router.forward(esp)?.ctInfo).toBe("new");
    expect(router.list()[0]).toMatch(/^unknown {2}50 599 src=10.2.0.1 dst=10.2.0.2 \[UNREPLIED\]/);
    const late = { ...esp, fragment: { offsetBytes: 1480, more: false } };
    expect(router.forward(late)?.ctInfo).toBe("invalid");
  });

  test("SCTP follows its chunks", () => {
    const router = new Router();
    const payload = { kind: "filler", lengthBytes: 0 } as const;
    const send = (reply: boolean, chunk: number, tag: number, initTag?: number) => {
      const [src, dst, sport, dport] = reply
        ? ["10.2.0.2", "10.2.0.1", 80, 9]
        : ["10.2.0.1", "10.2.0.2", 9, 80];
      const tags = initTag === undefined ? { tag } : { tag, initTag };
      const chunks = [chunk];
      const sctp = { kind: "sctp", sport: Number(sport), dport: Number(dport) } as const;
      const packet = packetOf(String(src), String(dst), { ...sctp, chunks, ...tags, payload });
      return [router.forward(packet)?.ctInfo, router.list()[0]?.split(" ").filter(Boolean)[3]];
    };
    expect(send(false, 1, 0, 11)).toEqual(["new", "CLOSED"]);
    expect(send(true, 2, 11, 22)).toEqual(["established", "COOKIE_WAIT"]);
    expect(send(false, 10, 99)).toEqual(["invalid", "COOKIE_WAIT"]);
    expect(send(false, 10, 22)).toEqual(["established", "COOKIE_ECHOED"]);
    expect(send(true, 11, 11)).toEqual(["established", "ESTABLISHED"]);
    expect(send(false, 7, 22)).toEqual(["established", "SHUTDOWN_SENT"]);
  });
});
