import { describe, expect, test } from "vitest";
import { parseAddr } from "../../../src/addr/index.js";
import { type Flow, routeOutput } from "../../../src/fib/index.js";
import { type FibWorld, fibOf, say } from "../../support/fib/world.js";

function ask(world: FibWorld, dst: string, more: Partial<Flow> = {}): string {
  return say(routeOutput(fibOf(world), { dst: parseAddr(dst), ...more }));
}

const HOME: FibWorld = {
  links: ["eth0 192.0.2.1/24 192.0.2.9/24 2001:db8::1/64", "eth1 198.51.100.1/24 2001:db8:1::1/64"],
  routes: [
    "default via 192.0.2.254 dev eth0",
    "default via 2001:db8::fe dev eth0",
    "203.0.113.0/24 via 198.51.100.254 dev eth1 src 192.0.2.9",
    "blackhole 203.0.113.7",
    "throw 203.0.113.8",
    "prohibit 203.0.113.9",
    "unreachable 203.0.113.10",
  ],
};

describe("a packet of a local socket", () => {
  test.each([
    ["192.0.2.77", "forward eth0 src 192.0.2.1"],
    ["10.9.9.9", "forward eth0 via 192.0.2.254 src 192.0.2.1"],
    ["203.0.113.1", "forward eth1 via 198.51.100.254 src 192.0.2.9"],
    ["203.0.113.7", "refuse EINVAL"],
    // A throw route ends this table, and no later one knows the way.
    ["203.0.113.8", "miss ENETUNREACH"],
    ["203.0.113.9", "refuse EACCES"],
    ["203.0.113.10", "refuse EHOSTUNREACH"],
    ["198.51.100.1", "local lo src 198.51.100.1"],
    // A second address of one subnet answers with the first as source.
    ["192.0.2.9", "local lo src 192.0.2.1"],
    ["127.0.0.5", "local lo src 127.0.0.1"],
    ["192.0.2.255", "broadcast eth0 src 192.0.2.1"],
    ["0.0.0.0", "local lo src 127.0.0.1"],
    ["2001:db8::77", "forward eth0 src 2001:db8::1"],
    ["2001:db8:1::77", "forward eth1 src 2001:db8:1::1"],
    ["2001:db8:9::1", "forward eth0 via 2001:db8::fe src 2001:db8::1"],
    ["2001:db8:1::1", "local lo src 2001:db8:1::1"],
    ["::", "local lo src ::1"],
  ])("to %s: %s", (dst, expected) => {
    expect(ask(HOME, dst)).toBe(expected);
  });

  test("bound to a link goes out there, whatever the tables say", () => {
    expect(ask(HOME, "10.9.9.9", { oif: "eth0" })).toBe(
      "forward eth0 via 192.0.2.254 src 192.0.2.1",
    );
    expect(ask(HOME, "203.0.113.9", { oif: "eth0" })).toBe("forward eth0 src 192.0.2.1");
    const bare = { links: HOME.links };
    expect(ask(bare, "203.0.113.9", { oif: "eth1" })).toBe("forward eth1 src 198.51.100.1");
    expect(ask(bare, "2001:db8:9::1", { oif: "eth1" })).toBe("miss ENETUNREACH");
  });

  test("does not leave from an address that is not ours, nor from loopback", () => {
    expect(ask(HOME, "192.0.2.77", { src: parseAddr("192.0.2.50") })).toBe("bad-flow ENETUNREACH");
    expect(ask(HOME, "192.0.2.77", { src: parseAddr("127.0.0.1") })).toBe("martian EINVAL");
    const open = { ...HOME, sysctls: { "net.ipv4.conf.eth0.route_localnet": "1" } };
    expect(ask(open, "192.0.2.77", { src: parseAddr("127.0.0.1") })).toBe(
      "forward eth0 src 127.0.0.1",
    );
  });

  test("by a link without addresses borrows one of another link", () => {
    const world = { links: ["eth0 192.0.2.1/24", "cali0"], routes: ["10.244.1.7 dev cali0"] };
    expect(ask(world, "10.244.1.7")).toBe("forward cali0 src 192.0.2.1");
  });
});

describe("policy rules", () => {
  const rules = [
    "100 fwmark 0x1/0xff lookup 100",
    "200 from 192.0.2.9 lookup 101",
    "300 to 203.0.113.0/24 prohibit",
    "400 not to 198.51.0.0/16 goto 500",
    "500 lookup 102",
  ];
  const routes = [
    "default via 192.0.2.201 dev eth0 table 100",
    "default via 192.0.2.202 dev eth0 table 101",
    "10.1.0.0/16 via 192.0.2.203 dev eth0 table 102",
    "default via 192.0.2.254 dev eth0",
  ];
  const world: FibWorld = { links: ["eth0 192.0.2.1/24 192.0.2.9/32"], routes, rules };

  test.each<[string, Partial<Flow>, string]>([
    ["8.8.8.8", {}, "forward eth0 via 192.0.2.254 src 192.0.2.1"],
    ["8.8.8.8", { mark: 0xf01 }, "forward eth0 via 192.0.2.201 src 192.0.2.1"],
    ["8.8.8.8", { src: parseAddr("192.0.2.9") }, "forward eth0 via 192.0.2.202 src 192.0.2.9"],
    ["203.0.113.5", {}, "refuse EACCES"],
    ["10.1.2.3", {}, "forward eth0 via 192.0.2.203 src 192.0.2.1"],
  ])("%s %j: %s", (dst, more, expected) => {
    expect(ask(world, dst, more)).toBe(expected);
  });

  test("an answer that is too general can be suppressed", () => {
    const suppressed = {
      ...world,
      rules: ["10 lookup 254 suppress_prefixlength 0", "20 lookup 100"],
    };
    expect(ask(suppressed, "192.0.2.5")).toBe("forward eth0 src 192.0.2.1");
    expect(ask(suppressed, "8.8.8.8")).toBe("forward eth0 via 192.0.2.201 src 192.0.2.1");
  });

  test("without rules of one's own, main's longer prefix wins over local's shorter one", () => {
    const plain = { links: ["eth0 192.0.2.1/24"], routes: ["127.9.0.0/16 via 192.0.2.7 dev eth0"] };
    expect(ask(plain, "127.9.0.1")).toBe("forward eth0 via 192.0.2.7 src 192.0.2.1");
    expect(ask({ ...plain, rules: ["10 nop"] }, "127.9.0.1")).toBe("local lo src 127.0.0.1");
  });
});

describe("the source of an IPv6 packet", () => {
  test.each([
    // The youngest of equal addresses; a longer common prefix goes before that.
    [["eth0 2001:db8::1/64 2001:db8::9/64"], "2001:db8::77", "2001:db8::9"],
    [["eth0 2001:db8::1/64", "eth1 2001:db8:1::1/64"], "2001:db8::77", "2001:db8::1"],
    // Unique local addresses talk to their like.
    [["eth0 2001:db8::1/64 fd00::1/64"], "2001:db8::5", "2001:db8::1"],
    [["eth0 fd00::1/64 2001:db8::1/64"], "fd00::5", "fd00::1"],
    // A link-local destination takes an address of the same link.
    [["eth0 fe80::1/64 2001:db8::1/64"], "fe80::5", "fe80::1"],
  ])("%j to %s is %s", (links, dst, expected) => {
    expect(ask({ links }, dst, dst.startsWith("fe80") ? { oif: "eth0" } : {})).toBe(
      `forward eth0 src ${expected}`,
    );
  });

  test("is chosen before rules ask for it, when there is no way without", () => {
    const world: FibWorld = {
      links: ["eth0 2001:db8::1/64"],
      routes: ["default via 2001:db8::fe dev eth0 table 100"],
      rules: ["100 from 2001:db8::/64 lookup 100"],
    };
    expect(ask(world, "2001:db8:9::1")).toBe("forward eth0 via 2001:db8::fe src 2001:db8::1");
  });
});
