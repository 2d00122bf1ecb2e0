/** Fates in words. */
import { printOrigin } from "../../base/index.js";
import type { Fate, FateKind } from "../step.js";

/** Each fate as an operator would say it. */
const WORDS: Readonly<Record<FateKind, string>> = {
  delivered: "delivered",
  consumed: "taken by the kernel",
  dropped: "dropped",
  rejected: "rejected",
  "no-route": "no route to the destination",
  unreachable: "route says unreachable",
  prohibited: "route says prohibited",
  blackholed: "route says blackhole",
  "no-neighbor": "nobody answers for the next hop",
  martian: "martian source or destination",
  "rp-filter": "failed the reverse path filter",
  "not-forwarding": "forwarding is off",
  "ttl-exceeded": "time to live exceeded",
  "too-big": "too big for the next link",
  "no-listener": "nobody listens on the port",
  "link-down": "the link is down",
  "not-for-us": "not for this namespace",
  "bridge-drop": "dropped by the bridge",
  "tunnel-drop": "dropped by the tunnel",
  "conntrack-refused": "refused by connection tracking",
  "nat-refused": "refused by address translation",
  "no-source": "no source address to send from",
  "hop-limit": "went round in a circle",
  unknown: "fate unknown",
};

/** Whether a fate is a good end. */
export function isGoodFate(kind: FateKind): boolean {
  return kind === "delivered" || kind === "consumed";
}

/** A fate with its place: `dropped in node-a, filter FORWARD (forward)`. */
export function printFate(fate: Fate): string {
  const place = fate.netns === "" ? "" : ` in ${fate.netns}`;
  return `${printFateHere(fate)}${place}${printWhere(fate)}`;
}

/** A fate without the namespace, for lines that stand under it. */
export function printFateHere(fate: Fate): string {
  const detail = fate.detail === undefined ? "" : ` (${fate.detail})`;
  return `${WORDS[fate.kind]}${detail}`;
}

/** Table, chain, hook and rule of a fate, as far as there are any. */
export function printWhere(fate: Fate): string {
  const chain = [fate.table, fate.chain].filter((word) => word !== undefined).join(" ");
  const hook = fate.hook === undefined ? "" : `hook ${fate.hook}`;
  const rule = fate.rule === undefined ? "" : `rule ${fate.rule}`;
  const origin = fate.origin === undefined ? "" : `because of ${printOrigin(fate.origin)}`;
  const parts = [chain, hook, rule, origin].filter((part) => part !== "");
  return parts.map((part) => `, ${part}`).join("");
}
