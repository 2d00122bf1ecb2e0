/** Small texts of each kind, with every construct the parsers know: what mutation starts from. */
import { readFileSync } from "node:fs";

const golden = (name: string) =>
  readFileSync(new URL(`../../golden/netfilter/${name}`, import.meta.url), "utf8");

/** Rules of a golden file as one table's text each. */
export function iptablesSeeds(name = "iptables-save-1.8.9.txt"): string[] {
  const seeds: string[] = [];
  let table = "filter";
  for (const line of golden(name).split("\n")) {
    if (line.startsWith("*")) table = line.slice(1);
    if (!line.startsWith("< ")) continue;
    seeds.push(`*${table}\n:KUBE-SVC-X - [0:0]\n:KUBE-SEP-Y - [0:0]\n${line.slice(2)}\nCOMMIT\n`);
  }
  return seeds;
}

/** The rules and sets of nft's golden files, each in a table of its own. */
export function nftSeeds(): string[] {
  const text = golden("nft-1.0.6-statements.txt") + golden("nft-1.0.6-sets.txt");
  const rules = text.split("\n").filter((line) => line.startsWith("\t\t") && !line.includes("{ "));
  const rows = rules.map((rule) => `table ip t {\n\tchain c {\n${rule}\n\t}\n}\n`);
  const sets = [...text.matchAll(/\t(?:set|map) [\s\S]*?\n\t\}\n/g)].map(
    (m) => `table ip t {\n${m[0]}}\n`,
  );
  return [...rows, ...sets];
}

/** Sets of every type. */
export const IPSET_SEEDS: readonly string[] = [
  "create a hash:ip family inet hashsize 1024 maxelem 65536 timeout 300\nadd a 10.0.0.1 timeout 5\n",
  'create b hash:net family inet6 comment\nadd b fd00::/64 nomatch comment "x y"\n',
  "create c hash:ip,port family inet\nadd c 10.0.0.1,tcp:80-85\nadd c 10.0.0.1,icmp:echo-request\n",
  "create d bitmap:port range 0-65535\nadd d 80\n",
  "create e hash:ip,port,net family inet\nadd e 1.2.3.4,udp:80,10.0.0.0/8 nomatch\n",
  "create f hash:net,iface family inet\nadd f 10.0.0.0/8,physdev:eth0\n",
  "create g hash:mac\nadd g aa:bb:cc:dd:ee:ff\ncreate h list:set size 8\nadd h g\n",
  "create i hash:ip family inet netmask 24\nadd i 10.0.0.1-10.0.3.9\n",
];
