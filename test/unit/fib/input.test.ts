import { describe, expect, test } from "vitest";
import { parseAddr } from "../../../src/addr/index.js";
import { routeInput } from "../../../src/fib/index.js";
import { type FibWorld, fibOf, say } from "../../support/fib/world.js";

function ask(world: FibWorld, iif: string, way: string): string {
  const [src, dst] = way.split(" > ").map(parseAddr) as [never, never];
  return say(routeInput(fibOf(world), { src, dst, iif }));
}

const ON = { "net.ipv4.ip_forward": "1", "net.ipv6.conf.all.forwarding": "1" };
const ROUTER: FibWorld = {
  links: ["eth0 192.0.2.1/24 2001:db8::1/64", "eth1 198.51.100.1/24"],
  routes: ["default via 192.0.2.254 dev eth0", "default via 2001:db8::fe dev eth0"],
  sysctls: ON,
};

describe("a packet that came in", () => {
  test.each([
    ["eth1", "198.51.100.7 > 192.0.2.7", "forward eth0"],
    ["eth1", "198.51.100.7 > 8.8.8.8", "forward eth0 via 192.0.2.254"],
    ["eth1", "198.51.100.7 > 192.0.2.1", "local lo"],
    ["eth1", "198.51.100.7 > 198.51.100.255", "broadcast lo"],
    ["eth1", "198.51.100.7 > 224.0.0.1", "multicast lo"],
    ["eth1", "198.51.100.7 > 127.0.0.1", "martian EINVAL"],
    ["eth1", "192.0.2.1 > 8.8.8.8", "martian EINVAL"],
    ["eth1", "224.0.0.9 > 8.8.8.8", "martian EINVAL"],
    ["eth1", "0.0.0.0 > 255.255.255.255", "broadcast lo"],
    ["eth0", "2001:db8::7 > 2001:db8::1", "local lo"],
    ["eth1", "2001:db8:1::7 > 2001:db8:9::1", "forward eth0 via 2001:db8::fe"],
    ["eth0", "::1 > 2001:db8::1", "martian EINVAL"],
  ])("by %s, %s: %s", (iif, way, expected) => {
    expect(ask(ROUTER, iif, way)).toBe(expected);
  });

  test("is not forwarded by a host", () => {
    const host = { ...ROUTER, sysctls: {} };
    expect(ask(host, "eth1", "198.51.100.7 > 8.8.8.8")).toBe("not-forwarding EHOSTUNREACH");
    expect(ask(host, "eth0", "2001:db8::7 > 2001:db8:9::1")).toBe("not-forwarding EHOSTUNREACH");
  });

  test("passes rp_filter by its mode", () => {
    const spoofed = "192.0.2.77 > 192.0.2.1";
    const withMode = (mode: string) => ({
      ...ROUTER,
      sysctls: { ...ON, "net.ipv4.conf.eth1.rp_filter": mode },
    });
    expect(ask(withMode("0"), "eth1", spoofed)).toBe("local lo");
    expect(ask(withMode("1"), "eth1", spoofed)).toBe("rp-filter EINVAL");
    expect(ask(withMode("2"), "eth1", spoofed)).toBe("local lo");
    expect(ask(withMode("1"), "eth1", "198.51.100.7 > 192.0.2.1")).toBe("local lo");
  });

  test("from our own address passes with accept_local", () => {
    const open = { ...ROUTER, sysctls: { ...ON, "net.ipv4.conf.all.accept_local": "1" } };
    expect(ask(open, "eth1", "192.0.2.1 > 8.8.8.8")).toBe("forward eth0 via 192.0.2.254");
  });

  test("tells the sender of a better first hop on the same link", () => {
    const answer = routeInput(fibOf(ROUTER), {
      src: parseAddr("192.0.2.9"),
      dst: parseAddr("8.8.8.8"),
      iif: "eth0",
    });
    expect(answer).toMatchObject({ kind: "forward", link: "eth0", redirect: true });
  });
});
