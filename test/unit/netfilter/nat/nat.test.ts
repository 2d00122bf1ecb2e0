import { describe, expect, test } from "vitest";
import { parsePrefix, parseRange } from "../../../../src/addr/index.js";
import type { NatRequest } from "../../../../src/netfilter/index.js";
import { endsOf, icmp, Router, type TestRule, tcp, udp } from "../../../support/connections.js";

function routerWith(rules: readonly TestRule[], addr = "192.168.0.10"): Router {
  const router = new Router({ addr });
  router.rules.push(...rules);
  return router;
}

const fromPods = (packet: { src: { toString(): string } }) =>
  packet.src.toString().startsWith("10.2.0.");
const masquerade = (more: Partial<NatRequest> = {}): TestRule => ({
  hook: "postrouting",
  matches: fromPods,
  request: { kind: "MASQUERADE", ...more },
});
const dnat = (vip: string, to: string, port?: number): TestRule => ({
  hook: "prerouting",
  matches: (packet) => packet.dst.toString() === vip,
  request: {
    kind: "DNAT",
    addrs: parseRange(to),
    ...(port === undefined ? {} : { ports: { first: port, last: port } }),
  },
});

/** Ports of the reply tuples, as the table shows them. */
function replyPorts(router: Router): number[] {
  return router.list().map((line) => Number(/.* dport=(\d+)/.exec(line)?.[1]));
}

describe("masquerade", () => {
  test("keeps the port while it is free, then chooses from the kernel's ranges", () => {
    const router = routerWith([masquerade()]);
    for (const sport of [5000, 600, 100]) {
      for (const pod of [1, 2, 3]) router.forward(udp(`10.2.0.${pod}:${sport}`, "8.8.8.8:53"));
    }
    const ports = replyPorts(router);
    expect([ports[0], ports[3], ports[6]]).toEqual([5000, 600, 100]);
    expect(new Set(ports).size).toBe(9);
    for (const port of ports.slice(1, 3)) expect(port).toBeGreaterThanOrEqual(1024);
    for (const port of ports.slice(4, 6)) expect(port >= 600 && port <= 1023).toBe(true);
    for (const port of ports.slice(7, 9)) expect(port >= 1 && port <= 511).toBe(true);
  });

  test("sees no clash towards different destinations", () => {
    const router = routerWith([masquerade()]);
    router.forward(udp("10.2.0.1:5000", "8.8.8.8:53"));
    router.forward(udp("10.2.0.2:5000", "9.9.9.9:53"));
    expect(replyPorts(router)).toEqual([5000, 5000]);
  });

  test("moves a local flow whose answer a pod's flow claims, by a null binding", () => {
    const router = routerWith([masquerade()]);
    router.forward(udp("10.2.0.1:5000", "8.8.8.8:53"));
    const skb = router.forward(udp("192.168.0.10:5000", "8.8.8.8:53"));
    expect(endsOf(skb?.packet)).toMatch(/^192\.168\.0\.10:(?!5000)\d+>8\.8\.8\.8:53$/);
  });

  test("chooses a port anew with --random-fully, and inside --to-ports", () => {
    const router = routerWith([masquerade({ randomFully: true })]);
    router.forward(udp("10.2.0.1:5000", "8.8.8.8:53"));
    expect(replyPorts(router)).not.toEqual([5000]);
    const ports = { first: 40000, last: 40002 };
    const narrow = routerWith([masquerade({ ports })]);
    for (const pod of [1, 2, 3]) narrow.forward(udp(`10.2.0.${pod}:5000`, "8.8.8.8:53"));
    expect(replyPorts(narrow).sort((a, b) => a - b)).toEqual([40000, 40001, 40002]);
    // None is left: the packet is dropped and there is no entry.
    expect(narrow.forward(udp("10.2.0.4:5000", "8.8.8.8:53"))).toBeUndefined();
    expect(narrow.list()).toHaveLength(3);
  });

  test("gives its entries up with the link", () => {
    const router = routerWith([masquerade()]);
    router.forward(udp("10.2.0.1:5000", "8.8.8.8:53"));
    router.conntrack.linkDown("other");
    expect(router.list()).toHaveLength(1);
    router.conntrack.linkDown("out");
    expect(router.list()).toHaveLength(0);
  });

  test("rewrites the identifier of echo requests that clash", () => {
    const router = routerWith([masquerade()]);
    const first = router.forward(icmp("10.2.0.1", "8.8.8.8", 8, { id: 7 }))?.packet.payload;
    const second = router.forward(icmp("10.2.0.2", "8.8.8.8", 8, { id: 7 }))?.packet.payload;
    expect(first).toMatchObject({ id: 7 });
    const id = second?.kind === "icmp" ? (second.id ?? 7) : 7;
    expect(id).not.toBe(7);
    const answer = router.forward(icmp("8.8.8.8", "192.168.0.10", 0, { id }));
    expect(endsOf(answer?.packet)).toBe("8.8.8.8>10.2.0.2");
    expect(answer?.packet.payload).toMatchObject({ id: 7 });
  });
});

describe("source addresses of a range", () => {
  test("go by a hash of the source, as the kernel computes it", () => {
    const addrs = parseRange("192.168.0.20-192.168.0.21");
    const rule: TestRule = {
      hook: "postrouting",
      matches: fromPods,
      request: { kind: "SNAT", addrs },
    };
    const router = routerWith([rule]);
    const seen = [1, 2, 3].flatMap((pod) =>
      [5000, 5001].map((port) =>
        endsOf(router.forward(udp(`10.2.0.${pod}:${port}`, "8.8.8.8:53"))?.packet),
      ),
    );
    expect(seen.map((text) => text.split(":")[0])).toEqual([
      "192.168.0.20",
      "192.168.0.20",
      "192.168.0.21",
      "192.168.0.21",
      "192.168.0.20",
      "192.168.0.20",
    ]);
    expect(seen.slice(0, 4).map((text) => text.split(/[:>]/)[1])).toEqual([
      "5000",
      "5001",
      "5000",
      "5001",
    ]);
  });
});

describe("destinations", () => {
  test("are rewritten, and so are the answers", () => {
    const router = routerWith([dnat("10.96.0.1", "10.2.0.2", 8080)]);
    const syn = router.forward(tcp("10.2.0.1:5000", "10.96.0.1:80", "S"));
    expect(endsOf(syn?.packet)).toBe("10.2.0.1:5000>10.2.0.2:8080");
    const answer = router.forward(tcp("10.2.0.2:8080", "10.2.0.1:5000", "SA", { ack: 1 }));
    expect(endsOf(answer?.packet)).toBe("10.96.0.1:80>10.2.0.1:5000");
  });

  test("that meet in one backend move the client's port", () => {
    const rules = [dnat("10.96.0.1", "10.2.0.2", 53), dnat("10.96.0.2", "10.2.0.2", 53)];
    const router = routerWith(rules);
    router.forward(udp("10.2.0.1:5000", "10.96.0.1:53"));
    const second = router.forward(udp("10.2.0.1:5000", "10.96.0.2:53"));
    expect(endsOf(second?.packet)).toMatch(/^10\.2\.0\.1:(?!5000)\d+>10\.2\.0\.2:53$/);
    const direct = router.forward(udp("10.2.0.1:5000", "10.2.0.2:53"));
    expect(endsOf(direct?.packet)).toMatch(/^10\.2\.0\.1:(?!5000)\d+>10\.2\.0\.2:53$/);
  });

  test("are mapped network to network", () => {
    const netmap = parsePrefix("10.9.0.0/16");
    const rule: TestRule = {
      hook: "prerouting",
      matches: () => true,
      request: { kind: "NETMAP", netmap },
    };
    const skb = routerWith([rule]).forward(udp("10.2.0.1:1", "172.16.5.6:2"));
    expect(endsOf(skb?.packet)).toBe("10.2.0.1:1>10.9.5.6:2");
    const netmap6: TestRule = {
      ...rule,
      request: { kind: "NETMAP", netmap: parsePrefix("fd09::/48") },
    };
    const six = routerWith([netmap6], "fd00::9").forward(udp("[fd00::1]:1", "[fd00:1:2:3::4]:2"));
    expect(endsOf(six?.packet)).toBe("fd00::1:1>fd09:0:0:3::4:2");
  });

  test("are the router itself with REDIRECT", () => {
    const rule: TestRule = {
      hook: "prerouting",
      matches: () => true,
      request: { kind: "REDIRECT", ports: { first: 3128, last: 3128 } },
    };
    const skb = routerWith([rule]).forward(tcp("10.2.0.1:1", "8.8.8.8:80", "S"));
    expect(endsOf(skb?.packet)).toBe("10.2.0.1:1>192.168.0.10:3128");
  });
});

describe("ICMP errors", () => {
  test("are translated together with what they quote", () => {
    const router = routerWith([dnat("10.96.0.1", "10.2.0.2", 53), masquerade()]);
    const sent = router.forward(udp("10.2.0.1:5000", "10.96.0.1:53"))?.packet;
    expect(endsOf(sent)).toBe("192.168.0.10:5000>10.2.0.2:53");
    const error = icmp("10.2.0.2", "192.168.0.10", 3, { code: 3, quoted: sent });
    const back = router.forward(error);
    expect(back?.ctInfo).toBe("related");
    expect(endsOf(back?.packet)).toBe("10.96.0.1>10.2.0.1");
    const message = back?.packet.payload;
    const quoted = message?.kind === "icmp" ? message.quoted : undefined;
    expect(endsOf(quoted)).toBe("10.2.0.1:5000>10.96.0.1:53");
    expect(router.list()).toHaveLength(1);
  });
});
