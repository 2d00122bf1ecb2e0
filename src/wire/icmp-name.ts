/** What ICMP messages are called, in the words tcpdump and ping use. */
import type { Family } from "../addr/index.js";
import type { Icmp } from "./packet.js";

const IP4_TYPES: ReadonlyMap<number, string> = new Map([
  [0, "echo reply"],
  [3, "unreachable"],
  [5, "redirect"],
  [8, "echo request"],
  [11, "time exceeded"],
  [12, "parameter problem"],
  [13, "timestamp request"],
  [14, "timestamp reply"],
]);

const IP4_UNREACHABLE: ReadonlyMap<number, string> = new Map([
  [0, "network unreachable"],
  [1, "host unreachable"],
  [2, "protocol unreachable"],
  [3, "port unreachable"],
  [4, "fragmentation needed"],
  [9, "network administratively prohibited"],
  [10, "host administratively prohibited"],
  [13, "administratively prohibited"],
]);

const IP6_TYPES: ReadonlyMap<number, string> = new Map([
  [1, "unreachable"],
  [2, "packet too big"],
  [3, "time exceeded"],
  [4, "parameter problem"],
  [128, "echo request"],
  [129, "echo reply"],
  [133, "router solicitation"],
  [134, "router advertisement"],
  [135, "neighbor solicitation"],
  [136, "neighbor advertisement"],
  [137, "redirect"],
]);

const IP6_UNREACHABLE: ReadonlyMap<number, string> = new Map([
  [0, "no route"],
  [1, "administratively prohibited"],
  [3, "address unreachable"],
  [4, "port unreachable"],
  [5, "source address failed policy"],
  [6, "route rejected"],
]);

/** A message's name with what matters of it: `icmp echo request id 7 seq 1`. */
export function icmpName(family: Family, icmp: Icmp): string {
  const name = `${family === "ip4" ? "icmp" : "icmp6"} ${bareName(family, icmp)}`;
  if (icmp.id !== undefined) return `${name} id ${icmp.id} seq ${icmp.seq ?? 0}`;
  if (icmp.mtu !== undefined) return `${name} mtu ${icmp.mtu}`;
  return icmp.target === undefined ? name : `${name} ${icmp.target}`;
}

function bareName(family: Family, icmp: Icmp): string {
  const { type, code } = icmp;
  const codes = family === "ip4" ? IP4_UNREACHABLE : IP6_UNREACHABLE;
  const isUnreachable = type === (family === "ip4" ? 3 : 1);
  if (isUnreachable) return codes.get(code) ?? `unreachable code ${code}`;
  return (family === "ip4" ? IP4_TYPES : IP6_TYPES).get(type) ?? `type ${type} code ${code}`;
}
