/**
 * What dumps hold and the model does not evaluate: `import --check` names it with file and line, and a
 * packet that would need it has an unknown fate in `trace --dump`, with the same name; a packet that
 * does not come so far has its answer.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { run } from "../../src/cli/run.js";
import { DUMP_FILES, type NetnsDump } from "../../src/netns/index.js";

const RECORDED = new URL("../golden/facts/topologies.json", import.meta.url);
const router = JSON.parse(readFileSync(RECORDED, "utf8")).router.r as NetnsDump;
const root = mkdtempSync(join(tmpdir(), "kubewire-unmodelled-"));
afterAll(() => rmSync(root, { recursive: true }));

let count = 0;

/** A dump of one router, with a few files in place of the recorded ones. */
function dumpWith(files: Readonly<Record<string, string>>): string {
  const folder = join(root, String(count++));
  mkdirSync(join(folder, "r"), { recursive: true });
  for (const { name, piece, reading } of DUMP_FILES) {
    const value = router[piece];
    const own = files[name];
    const sysctls = () => Object.entries(router.sysctl ?? {}).map(([k, v]) => `${k} = ${v}\n`);
    const json = () => (value === undefined ? undefined : JSON.stringify(value));
    const recorded = reading === "sysctl" ? sysctls().join("") : json();
    const text = own ?? (reading === "text" ? "" : recorded);
    // Without a listing of nft, iptables-save alone tells what is there.
    if (text !== undefined && (own !== undefined || !name.startsWith("nft")))
      writeFileSync(join(folder, "r", name), text);
  }
  return folder;
}

async function type(...words: string[]) {
  let out = "";
  const put = (text: string) => {
    out += text;
  };
  return { status: await run(words, { out: put, err: put, colour: false }), out };
}

const NEEDS = "tcp://10.0.2.2:80";
const DOES_NOT = "tcp://10.0.3.2:80";

/** Rules for packets of the router's own, to one of its neighbours. */
const save = (rule: string, table = "filter") =>
  `*${table}\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -d 10.0.2.2/32 ${rule}\nCOMMIT\n`;
const nft = (rule: string, more = "") =>
  `table ip t {\n${more}\tchain o {\n\t\ttype filter hook output priority filter; policy accept;\n\t\tip daddr 10.0.2.2 ${rule}\n\t}\n}\n`;

const IPTABLES: readonly (readonly [rule: string, feature: string, table?: string])[] = [
  ['-m u32 --u32 "0x0=0x0" -j DROP', "match u32"],
  ["-m string --string x --algo bm -j DROP", "match string"],
  ["-m quota --quota 5 -j DROP", "match quota"],
  ["-m time --timestart 00:00:00 -j DROP", "match time"],
  ["-m cpu --cpu 0 -j DROP", "match cpu"],
  ["-m owner --uid-owner 0 -j DROP", "match owner"],
  ["-m bpf --bytecode x -j DROP", "match bpf"],
  ["-m conntrack --ctexpire 1:5 -j DROP", "match conntrack"],
  ["-j NFQUEUE --queue-num 1", "target NFQUEUE"],
  ["-j QUEUE", "target QUEUE"],
  ["-j TEE --gateway 10.0.1.2", "target TEE"],
  ["-j CT --helper ftp", "target CT", "raw"],
  ["-j IDLETIMER --timeout 5 --label x", "target IDLETIMER"],
];

const NFT: readonly (readonly [rule: string, feature: string, more?: string])[] = [
  ["quota over 5 mbytes drop", "quota over 5 mbytes drop"],
  ["meta cpu 0 drop", "meta cpu"],
  ["meta skuid 0 drop", "meta skuid"],
  ["symhash mod 2 vmap { 0 : drop, 1 : accept }", "symhash"],
  ["queue to 1", "queue to 1"],
  [
    'ct helper set "h"',
    "ct helper set",
    '\tct helper h {\n\t\ttype "ftp" protocol tcp\n\t\tl3proto ip\n\t}\n\n',
  ],
  ["meta priority set 1:2", "meta priority set"],
  ["limit rate 5 kbytes/second drop", "a limit of bytes"],
  ["ct count 3 drop", "ct count 3 drop"],
  ["dup to 10.0.1.2", "dup to 10.0.1.2"],
  [
    "meter m size 65535 { ip saddr limit rate 1/hour } accept",
    "meter m size 65535 { ip saddr limit rate 1/hour } accept",
  ],
  ["rt classid 1 drop", "rt classid 1 drop"],
  [
    "flow add @ft",
    "flow add @ft",
    "\tflowtable ft {\n\t\thook ingress priority filter\n\t\tdevices = { e0 }\n\t}\n\n",
  ],
];

async function holds(folder: string, place: string, feature: string): Promise<void> {
  const check = await type("import", "--check", folder);
  expect(check.out).toContain(`not modelled: r/${place}`);
  expect(check.out).toContain(feature);
  expect(check.status).toBe(1);
  const needs = await type("trace", "--dump", folder, "--from", "r", "--to", NEEDS, "--json");
  expect(JSON.parse(needs.out).unknown).toBe(`r: ${feature}`);
  expect(needs.status).toBe(1);
  const other = await type("trace", "--dump", folder, "--from", "r", "--to", DOES_NOT, "--json");
  expect(JSON.parse(other.out).unknown).toBeUndefined();
}

describe("a packet that needs what is not modelled", () => {
  test.each(IPTABLES.map(([rule, feature, table = "filter"]) => [rule, feature, table] as const))(
    "iptables %s",
    async (rule, feature, table) => {
      const folder = dumpWith({ "iptables-save.txt": save(rule, table) });
      await holds(folder, "iptables-save.txt:3: iptables: ", feature);
    },
  );

  test.each(NFT.map(([rule, feature, more = ""]) => [rule, feature, more] as const))(
    "nft %s",
    async (rule, feature, more) => {
      const folder = dumpWith({ "nft-ruleset.txt": nft(rule, more) });
      const line = 4 + more.split("\n").length - 1;
      await holds(folder, `nft-ruleset.txt:${line}: nft: `, feature);
    },
  );

  test("nft: a map of networks to networks", async () => {
    const rule = "dnat ip prefix to ip daddr map { 10.0.2.0/24 : 10.0.1.0/24 }";
    const chain = "type nat hook output priority dstnat; policy accept;";
    const text = `table ip t {\n\tchain o {\n\t\t${chain}\n\t\tip daddr 10.0.2.2 ${rule}\n\t}\n}\n`;
    const folder = dumpWith({ "nft-ruleset.txt": text });
    await holds(folder, "nft-ruleset.txt:4: nft: ", "a map to ranges");
  });

  test("ipset: a type that is not modelled", async () => {
    const folder = dumpWith({
      "ipset-save.txt": "create x hash:strange family inet\n",
      "iptables-save.txt": save("-m set --match-set x dst -j DROP"),
    });
    await holds(folder, "ipset-save.txt: ", "ipset type hash:strange");
  });
});

test.each([
  [
    "a flowtable that no rule uses",
    "\tflowtable ft {\n\t\thook ingress priority filter\n\t\tdevices = { e0 }\n\t}\n\n",
  ],
  [
    "a counter, a quota, a limit that no rule uses",
    "\tcounter a {\n\t\tpackets 0 bytes 0\n\t}\n\n\tquota b {\n\t\tover 5 mbytes\n\t}\n\n\tlimit c {\n\t\trate 5/second\n\t}\n\n",
  ],
])("%s is no obstacle", async (_, more) => {
  const folder = dumpWith({ "nft-ruleset.txt": nft("counter packets 0 bytes 0 accept", more) });
  const check = await type("import", "--check", folder);
  expect([check.status, check.out]).toEqual([0, expect.not.stringContaining("not ")]);
  const traced = await type("trace", "--dump", folder, "--from", "r", "--to", NEEDS, "--json");
  expect(JSON.parse(traced.out).unknown).toBeUndefined();
});
