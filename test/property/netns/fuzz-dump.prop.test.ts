/**
 * Law: whatever the JSON of `ip -j`, `bridge -j` and `nft -j`, and whatever `ss` or the sysctls say, a dump is
 * read or refused with an `InputError` that names file and place, and soon. `FUZZ_COUNT` says how many
 * texts each piece is given.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { InputError, openRandom } from "../../../src/base/index.js";
import { DUMP_FILES, parseDumpFolder } from "../../../src/netns/index.js";
import { mutate } from "../../support/netfilter/mutate.js";

const COUNT = Number(process.env.FUZZ_COUNT ?? 500);
const SLOW_MS = 1000;

const LINK = JSON.stringify([
  { ifindex: 1, ifname: "lo", flags: ["LOOPBACK", "UP"], mtu: 65536, link_type: "loopback" },
  {
    ifindex: 5,
    link_index: 2,
    link_netnsid: 0,
    ifname: "veth5",
    mtu: 1500,
    flags: ["UP", "LOWER_UP"],
    master: "br0",
    address: "02:00:00:00:00:05",
    linkinfo: { info_kind: "veth", info_slave_kind: "bridge", info_slave_data: { hairpin: true } },
  },
  {
    ifindex: 6,
    ifname: "flannel.1",
    mtu: 1450,
    flags: ["UP"],
    address: "02:00:00:00:00:06",
    linkinfo: { info_kind: "vxlan", info_data: { id: 1, local: "192.0.2.1", port: 8472, ttl: 0 } },
  },
  {
    ifindex: 7,
    ifname: "br0",
    mtu: 1500,
    flags: ["UP"],
    address: "02:00:00:00:00:07",
    linkinfo: { info_kind: "bridge", info_data: { ageing_time: 30000, vlan_filtering: 0 } },
  },
]);

/** One good text for each piece; mutations start from it. */
const SEEDS: Readonly<Record<string, string>> = {
  "ip-link.json": LINK,
  "ip-addr.json": JSON.stringify([
    {
      ifindex: 5,
      ifname: "veth5",
      addr_info: [
        {
          family: "inet",
          local: "192.0.2.1",
          prefixlen: 24,
          broadcast: "192.0.2.255",
          scope: "global",
          label: "veth5",
        },
        { family: "inet6", local: "fe80::1", prefixlen: 64, scope: "link", dadfailed: true },
      ],
    },
  ]),
  "ip-route.json": JSON.stringify([
    { dst: "default", gateway: "192.0.2.254", dev: "veth5", metric: 100, flags: ["onlink"] },
    {
      type: "local",
      dst: "192.0.2.1",
      dev: "veth5",
      table: "local",
      protocol: "kernel",
      scope: "host",
      prefsrc: "192.0.2.1",
      flags: [],
    },
    {
      dst: "10.0.0.0/8",
      flags: [],
      nexthops: [{ gateway: "192.0.2.2", dev: "veth5", weight: 1, flags: [] }],
    },
  ]),
  "ip6-route.json": JSON.stringify([
    { dst: "fd00::/64", dev: "veth5", metric: 256, pref: "medium" },
  ]),
  "ip-rule.json": JSON.stringify([
    { priority: 0, src: "all", table: "local" },
    {
      priority: 9,
      src: "192.0.2.0",
      srclen: 24,
      fwmark: "0x1",
      fwmask: "0xff",
      iif: "veth5",
      table: "100",
      suppress_prefixlen: 0,
    },
  ]),
  "ip6-rule.json": JSON.stringify([{ priority: 32766, src: "all", table: "main" }]),
  "ip-neigh.json": JSON.stringify([
    { dst: "192.0.2.2", dev: "veth5", lladdr: "02:00:00:00:00:02", state: ["PERMANENT"] },
  ]),
  "bridge-fdb.json": JSON.stringify([
    {
      mac: "02:00:00:00:00:09",
      ifname: "veth5",
      master: "br0",
      flags: ["self"],
      state: "permanent",
      dst: "192.0.2.3",
    },
  ]),
  "bridge-link.json": JSON.stringify([
    {
      ifname: "veth5",
      master: "br0",
      state: "forwarding",
      hairpin: true,
      isolated: false,
      learning: true,
      flood: true,
    },
  ]),
  "ss.txt":
    "tcp   LISTEN 0      128    127.0.0.1%lo:53   0.0.0.0:*\nudp UNCONN 0 0 [::]:80 [::]:*\n",
  "nft-ruleset.json": readFileSync(
    new URL("../../golden/netfilter/nft-1.0.6-ruleset.json", import.meta.url),
    "utf8",
  ),
  "netns-ids.json": JSON.stringify([{ nsid: 0, name: "cni-1" }]),
  "sysctl.txt": "net.ipv4.ip_forward = 1\nnet.ipv4.conf.all.rp_filter = 0\n",
};

test.each(Object.keys(SEEDS))(
  "spoiled texts of %s are read or refused",
  { timeout: 600_000 },
  (name) => {
    const random = openRandom("fuzz", name);
    const seed = SEEDS[name] as string;
    const base = new Map([
      ["n/ip-link.json", LINK],
      [`n/${name}`, seed],
    ]);
    expect(DUMP_FILES.some((file) => file.name === name)).toBe(true);
    expect(parseDumpFolder(base).length).toBe(1);
    let refused = 0;
    for (let i = 0; i < COUNT; i++) {
      const text = spoil(seed, random);
      const start = performance.now();
      try {
        parseDumpFolder(new Map(base).set(`n/${name}`, text));
      } catch (error) {
        if (!(error instanceof InputError))
          throw new Error(`crashed by ${JSON.stringify(text)}`, { cause: error });
        for (const { file } of error.faults) expect(file, text).toMatch(/^n\//);
        refused++;
      }
      const tookMs = performance.now() - start;
      if (tookMs > SLOW_MS) throw new Error(`${tookMs} ms for ${JSON.stringify(text)}`);
    }
    // Numbers of namespaces and sysctls are taken as they are.
    if (name !== "sysctl.txt") expect(refused).toBeGreaterThan(COUNT / 100);
  },
);

const STRANGE = [
  '"x"',
  "-1",
  "1e99",
  "null",
  "[]",
  "{}",
  "true",
  '"\\u0000"',
  '"999.1.1.1"',
  "[[[[]]]]",
];

/** Half of the time another value, which leaves the text JSON; else any spoiled place. */
function spoil(text: string, random: ReturnType<typeof openRandom>): string {
  if (random.nextBelow(2) === 0) return mutate(text, random);
  const values = [...text.matchAll(/"[^"]*"(?!:)|\d+/g)];
  const at = values[random.nextBelow(values.length)];
  const other = STRANGE[random.nextBelow(STRANGE.length)] as string;
  if (at === undefined) return other;
  return text.slice(0, at.index) + other + text.slice(at.index + at[0].length);
}
