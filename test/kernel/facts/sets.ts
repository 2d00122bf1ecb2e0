/** Facts about ipset: each type, what a rule asks of it, and what a target adds. */
import type { Fact } from "./fact.js";

const ASKED = ["c udp s:53", "c tcp s:80", "t tcp s:8080"];

function sets(
  rows: readonly (readonly [string, readonly string[], string, Fact["only"]?])[],
): Fact[] {
  return rows.map(([type, elements, match, only]) => ({
    title: `${type}${elements.some((e) => e.includes("nomatch")) ? " with nomatch" : ""}: ${match}`,
    ...(only && { only }),
    ipset: [
      `create x ${type}${/^(bitmap|list)/.test(type) || type === "hash:mac" ? "" : " family {inet}"}`,
      ...elements.map((element) => `add x ${element}`),
    ],
    filter: [`-A FORWARD -d {s} -m set ${match} -j DROP`],
    probes: ASKED,
  }));
}

/** All facts of this file. */
export const SET_FACTS: readonly Fact[] = [
  ...sets([
    ["hash:ip", ["{c}"], "--match-set x src"],
    ["hash:ip", ["{c}"], "! --match-set x src"],
    ["hash:ip", ["{s}"], "--match-set x dst"],
    ["hash:net", ["{cnet}", "{c} nomatch"], "--match-set x src"],
    ["hash:net", ["{cnet}"], "--match-set x src"],
    ["hash:ip,port", ["{s},tcp:80", "{s},udp:5000-5400"], "--match-set x dst,dst"],
    ["hash:ip,port", ["{c},tcp:80"], "--match-set x src,dst"],
    ["hash:net,port", ["{snet},tcp:80-90", "{s},tcp:80 nomatch"], "--match-set x dst,dst"],
    ["hash:net,port", ["{snet},udp:53"], "--match-set x dst,dst"],
    ["hash:ip,port,ip", ["{s},udp:53,{c}"], "--match-set x dst,dst,src"],
    ["hash:ip,port,net", ["{s},tcp:80,{cnet}"], "--match-set x dst,dst,src"],
    ["hash:net,iface", ["{cnet},e0"], "--match-set x src,src"],
    ["bitmap:port range 1-1000", ["80"], "--match-set x dst"],
    ["bitmap:ip range 10.0.0.0-10.0.9.0", ["10.0.1.0/24"], "--match-set x src", "ip4"],
  ]),
  {
    title: "list:set asks its sets in order",
    ipset: [
      "create a hash:ip family {inet}",
      "add a {c}",
      "create b hash:net family {inet}",
      "add b {snet}",
      "create x list:set",
      "add x a",
      "add x b",
    ],
    filter: [
      "-A FORWARD -d {s} -m set --match-set x src -j DROP",
      "-A FORWARD -d {t} -m set ! --match-set x dst -j REJECT",
    ],
    probes: ["c udp s:53", "t tcp s:80", "c tcp t:80"],
  },
  {
    title: "a set that gains elements from packets",
    ipset: ["create x hash:ip family {inet}"],
    filter: [
      "-A FORWARD -d {s} -m set --match-set x src -j REJECT",
      "-A FORWARD -d {s} -p udp -j SET --add-set x src",
    ],
    probes: ["c tcp s:80", "c udp s:53", "c tcp s:80", "t tcp s:80"],
  },
  {
    title: "a set that loses elements to packets",
    ipset: ["create x hash:ip,port family {inet}", "add x {s},tcp:80"],
    filter: [
      "-A FORWARD -d {s} -m set --match-set x dst,dst -j SET --del-set x dst,dst",
      "-A FORWARD -d {s} -m set --match-set x dst,dst -j DROP",
    ],
    probes: ["c tcp s:80"],
  },
];
