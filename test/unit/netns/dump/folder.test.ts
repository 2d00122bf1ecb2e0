import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { InputError } from "../../../../src/base/index.js";
import { parseDumpFolder, printCollectScript } from "../../../../src/netns/index.js";

const LINK = `[
  {"ifindex": 1, "ifname": "lo", "flags": ["LOOPBACK", "UP", "LOWER_UP"], "mtu": 65536},
  {"ifindex": 5, "link_index": 2, "link_netnsid": 0, "ifname": "veth5", "mtu": 1500,
   "flags": ["UP", "LOWER_UP"], "address": "02:00:00:00:00:05", "linkinfo": {"info_kind": "veth"}}
]`;
const POD = `[
  {"ifindex": 2, "link_index": 5, "link_netnsid": 0, "ifname": "eth0", "mtu": 1500,
   "flags": ["UP", "LOWER_UP"], "address": "02:00:00:00:00:02", "linkinfo": {"info_kind": "veth"}}
]`;

function faultsOf(files: readonly (readonly [string, string])[]) {
  try {
    parseDumpFolder(new Map(files));
    return [];
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.faults;
  }
}

describe("a folder of dumps", () => {
  test("gives one namespace for each folder, and joins their veth pairs", () => {
    const configs = parseDumpFolder(
      new Map([
        ["node-1/ip-link.json", LINK],
        ["node-1/sysctl.txt", "net.ipv4.ip_forward = 1\nkernel.hostname = node-1\n"],
        ["node-1.pod/ip-link.json", POD],
      ]),
    );
    expect(configs.map((c) => c.name)).toEqual(["node-1", "node-1.pod"]);
    expect(configs[0]?.links[1]?.kind).toEqual({
      kind: "veth",
      peer: { netns: "node-1.pod", link: "eth0" },
    });
    expect(configs[1]?.links[0]?.kind).toEqual({
      kind: "veth",
      peer: { netns: "node-1", link: "veth5" },
    });
    expect([...(configs[0]?.sysctls ?? [])]).toEqual([["net.ipv4.ip_forward", "1"]]);
  });

  test("tells every fault with file, line and path", () => {
    const route = '[\n  {"dst": "10.0.0.0/33", "dev": "eth0"},\n  {"dev": "eth0"}\n]';
    const faults = faultsOf([
      ["n/ip-link.json", LINK],
      ["n/ip-route.json", route],
      ["n/ip-addr.json", "[{]"],
      ["n/iptables-save.txt", "*nat\n-A NOWHERE -j ACCEPT\nCOMMIT\n"],
    ]);
    const places = faults.map(({ file, line, path }) => `${file}:${line} ${path}`);
    expect(places).toContain("n/ip-route.json:2 [0].dst");
    expect(places).toContain("n/ip-route.json:3 [1]");
    expect(places.some((p) => p.startsWith("n/ip-addr.json"))).toBe(true);
    expect(places.some((p) => p.startsWith("n/iptables-save.txt:2"))).toBe(true);
  });

  test("names what is not modelled, once for each file", () => {
    const link = LINK.replaceAll('"veth"}', '"macvlan"}');
    const rule = '[{"priority": 1, "src": "all", "table": "main", "tun_id": 7, "novelty": 1}]';
    const [config] = parseDumpFolder(
      new Map([
        ["n/ip-link.json", link],
        ["n/ip-rule.json", rule],
      ]),
    );
    expect(config?.unmodelled).toEqual([
      { feature: 'ip link: device type "macvlan"', file: "n/ip-link.json", line: 4 },
      { feature: "ip rule: tun_id", file: "n/ip-rule.json", line: 1 },
      { feature: 'ip rule: field "novelty"', file: "n/ip-rule.json", line: 1 },
    ]);
  });
});

test("the script that collects a dump is one that a shell reads", () => {
  const script = printCollectScript();
  expect(() => execFileSync("sh", ["-n"], { input: script })).not.toThrow();
  expect(script).toContain("dump ip-route.json ip -j -4 route show table all");
});
