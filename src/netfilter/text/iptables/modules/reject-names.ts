/** How a REJECT answers: names, their short forms, and the ICMP numbers behind them. */
import type { Family } from "../../../../addr/index.js";
import type { RejectWith } from "../../../verdict.js";
import { LineFault } from "./rule-reader.js";

interface Name {
  readonly name: string;
  readonly short: string;
  readonly with: RejectWith;
}

const icmp = (name: string, short: string, type: number, code: number): Name => ({
  name,
  short,
  with: { kind: "icmp", type, code },
});

const RESET: Name = { name: "tcp-reset", short: "tcp-rst", with: { kind: "tcp-reset" } };

// Codes: Linux 6.6 net/ipv4/netfilter/ipt_REJECT.c, net/ipv6/netfilter/ip6t_REJECT.c.
const V4: readonly Name[] = [
  icmp("icmp-net-unreachable", "net-unreach", 3, 0),
  icmp("icmp-host-unreachable", "host-unreach", 3, 1),
  icmp("icmp-proto-unreachable", "proto-unreach", 3, 2),
  icmp("icmp-port-unreachable", "port-unreach", 3, 3),
  icmp("icmp-net-prohibited", "net-prohib", 3, 9),
  icmp("icmp-host-prohibited", "host-prohib", 3, 10),
  icmp("icmp-admin-prohibited", "admin-prohib", 3, 13),
  RESET,
];
const V6: readonly Name[] = [
  icmp("icmp6-no-route", "no-route", 1, 0),
  icmp("icmp6-adm-prohibited", "adm-prohibited", 1, 1),
  icmp("icmp6-addr-unreachable", "addr-unreach", 1, 3),
  icmp("icmp6-port-unreachable", "port-unreach", 1, 4),
  icmp("icmp6-policy-fail", "policy-fail", 1, 5),
  icmp("icmp6-reject-route", "reject-route", 1, 6),
  RESET,
];

/** The full name of an answer given by any of its names. */
export function rejectName(word: string): string {
  const found = [...V4, ...V6].find((n) => n.name === word || n.short === word);
  if (found === undefined) {
    throw new LineFault("bad-word", "not a way to reject", word, "e.g. icmp-port-unreachable");
  }
  return found.name;
}

/** What REJECT does without `--reject-with`. */
export function defaultRejectName(family: Family): string {
  return family === "ip4" ? "icmp-port-unreachable" : "icmp6-port-unreachable";
}

/** The answer behind a full name; undefined if this family has none of that name. */
export function rejectWith(name: string, family: Family): RejectWith | undefined {
  return (family === "ip4" ? V4 : V6).find((n) => n.name === name)?.with;
}
