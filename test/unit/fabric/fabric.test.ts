import { describe, expect, it } from "vitest";
import { parseAddr } from "../../../src/addr/index.js";
import { Fabric } from "../../../src/fabric/index.js";
import type { IcmpReport } from "../../../src/netns/index.js";
import { printTrace } from "../../../src/trace/index.js";
import { IpWorld } from "../../support/ip-world.js";

/** A client and a server on either side of a router. */
const ROUTED = [
  "ip link add c0 type veth peer name eth0 netns client",
  "ip link add s0 type veth peer name eth0 netns server",
  "ip addr add 192.0.2.1/24 dev c0",
  "ip addr add 198.51.100.1/24 dev s0",
  "ip addr add 2001:db8:1::1/64 dev c0",
  "ip addr add 2001:db8:2::1/64 dev s0",
  "ip link set c0 up",
  "ip link set s0 up",
  "[client] ip addr add 192.0.2.2/24 dev eth0",
  "[client] ip addr add 2001:db8:1::2/64 dev eth0",
  "[client] ip link set eth0 up",
  "[client] ip route add default via 192.0.2.1",
  "[client] ip -6 route add default via 2001:db8:1::1",
  "[server] ip addr add 198.51.100.2/24 dev eth0",
  "[server] ip addr add 2001:db8:2::2/64 dev eth0",
  "[server] ip link set eth0 up",
  "[server] ip route add default via 198.51.100.1",
  "[server] ip -6 route add default via 2001:db8:2::1",
];

const HELLO = new TextEncoder().encode("hello");

function makeFabric(commands: readonly string[] = [], seed = "test"): Fabric {
  const world = new IpWorld([...ROUTED, ...commands]);
  world.listen("server", "tcp", 80);
  world.listen("server", "udp", 53);
  return new Fabric(world.configs(), {
    seed,
    serve: () => ({
      tcp: () => ({
        onData: (bytes, connection) => connection.send(bytes),
        onEnd: (connection) => connection.close(),
      }),
      udp: {
        onDatagram: ({ from, to, payload }, socket) => {
          socket.send({ to: from, from: to.addr, payload });
        },
      },
    }),
  });
}

/** Sends text over TCP and gives what came back, or the error. */
function ask(fabric: Fabric, to: string, port = 80, text = HELLO): string {
  const heard: string[] = [];
  const result = fabric.netns("client").connectTcp({
    to: { addr: parseAddr(to), port },
    handlers: {
      onOpen: (connection) => {
        connection.send(text);
        connection.close();
      },
      onData: (bytes) => heard.push(new TextDecoder().decode(bytes)),
      onClose: () => heard.push("closed"),
      onError: (errno) => heard.push(errno),
    },
  });
  if (result.kind === "failed") return result.errno;
  fabric.advance(200_000_000);
  return heard.join(" ");
}

/** Sends an echo request and gives what came back. */
function ping(fabric: Fabric, to: string, more: { ttl?: number; lengthBytes?: number } = {}) {
  let seen = "nothing";
  const errno = fabric.netns("client").ping({
    dst: parseAddr(to),
    id: 1,
    seq: 1,
    df: true,
    ...more,
    handlers: {
      onReply: ({ from, ttl }) => {
        seen = `reply from ${from} ttl ${ttl}`;
      },
      onError: (_, report: IcmpReport) => {
        seen = `${report.type}/${report.code} from ${report.from} info ${report.info}`;
      },
    },
  });
  fabric.advance(5_000_000);
  return errno ?? seen;
}

describe("a routed conversation", () => {
  it.each(["198.51.100.2", "2001:db8:2::2"])("to %s opens, carries data and closes", (to) => {
    expect(ask(makeFabric(), to)).toBe("hello closed");
  });

  it("carries more than a window holds", () => {
    const text = new Uint8Array(200_000).fill(97);
    const heard = ask(makeFabric(), "198.51.100.2", 80, text);
    expect(heard.replaceAll(" ", "").length).toBe(200_000 + "closed".length);
  });

  it("is refused where nobody listens", () => {
    expect(ask(makeFabric(), "198.51.100.2", 81)).toBe("ECONNREFUSED");
  });

  it("gives up after six more SYNs when a firewall is silent", () => {
    const fabric = makeFabric(["iptables -A FORWARD -j DROP"]);
    expect(ask(fabric, "198.51.100.2")).toBe("ETIMEDOUT");
    expect(fabric.traces().filter((t) => t.fate.kind === "dropped")).toHaveLength(7);
  });

  it("hears of a neighbour that does not answer after three seconds", () => {
    const fabric = makeFabric();
    expect(ask(fabric, "198.51.100.77")).toBe("EHOSTUNREACH");
  });
});

describe("an echo request", () => {
  it("falls by one hop at the router", () => {
    expect(ping(makeFabric(), "198.51.100.2")).toBe("reply from 198.51.100.2 ttl 63");
    expect(ping(makeFabric(), "2001:db8:2::2")).toBe("reply from 2001:db8:2::2 ttl 63");
  });

  it("with one hop left dies at the router, which says so from its near address", () => {
    expect(ping(makeFabric(), "198.51.100.2", { ttl: 1 })).toBe("11/0 from 192.0.2.1 info 0");
    expect(ping(makeFabric(), "2001:db8:2::2", { ttl: 1 })).toBe("3/0 from 2001:db8:1::1 info 0");
  });

  it("that is too big for the second link comes back with its MTU, which is then known", () => {
    const fabric = makeFabric(["ip link set s0 mtu 1400", "[server] ip link set eth0 mtu 1400"]);
    const big = { lengthBytes: 1450 };
    expect(ping(fabric, "198.51.100.2", big)).toBe("3/4 from 192.0.2.1 info 1400");
    expect(ping(fabric, "198.51.100.2", big)).toBe("EMSGSIZE");
    expect(ping(fabric, "2001:db8:2::2", big)).toBe("2/0 from 2001:db8:1::1 info 1400");
  });

  it("to nowhere comes back as the route says", () => {
    expect(ping(makeFabric(), "203.0.113.1")).toBe("3/0 from 192.0.2.1 info 0");
    const prohibited = makeFabric(["ip route add prohibit 203.0.113.0/24"]);
    expect(ping(prohibited, "203.0.113.1")).toBe("3/13 from 192.0.2.1 info 0");
    const blackhole = makeFabric(["ip route add blackhole 203.0.113.0/24"]);
    expect(ping(blackhole, "203.0.113.1")).toBe("nothing");
  });
});

describe("a fabric", () => {
  it("tells the same story for the same seed", () => {
    const stories = ["a", "a", "b"].map((seed) => {
      const fabric = makeFabric(["iptables -t nat -A POSTROUTING -j MASQUERADE"], seed);
      ask(fabric, "198.51.100.2");
      return fabric
        .traces()
        .map((t) => printTrace(t, { level: "everything" }))
        .join("\n");
    });
    expect(stories[0]).toBe(stories[1]);
    expect(stories[0]).not.toBe(stories[2]);
  });

  it("gives every packet of a conversation exactly one fate", () => {
    const fabric = makeFabric();
    ask(fabric, "198.51.100.2");
    for (const trace of fabric.traces()) {
      const fates = trace.hops.flatMap((h) => h.steps).filter((s) => s.kind === "fate");
      expect(fates).toHaveLength(1);
    }
  });

  it("says that a wire without another end leads nowhere", () => {
    const world = new IpWorld([
      "ip link add a type veth peer name b netns gone",
      "ip link set a up",
    ]);
    world.run("ip addr add 192.0.2.1/24 dev a");
    const fabric = new Fabric(
      world.configs().filter((c) => c.name === "node"),
      { seed: "x" },
    );
    fabric.netns("node").ping({ dst: parseAddr("192.0.2.2"), id: 1, seq: 1, handlers: {} });
    fabric.advance(10_000_000);
    expect(fabric.traces()[0]?.fate.kind).toBe("no-neighbor");
  });
});
