/** Names of priorities, as nft prints and takes them (nftables 1.0.6 src/rule.c `prio_tags`). */
import type { Hook, NfFamily } from "../../hook.js";

interface Named {
  readonly name: string;
  readonly value: number;
  /** Hooks the name holds on; absent: all. */
  readonly hooks?: readonly Hook[];
}

const IP: readonly Named[] = [
  { name: "raw", value: -300 },
  { name: "mangle", value: -150 },
  { name: "dstnat", value: -100, hooks: ["prerouting"] },
  { name: "filter", value: 0 },
  { name: "security", value: 50 },
  { name: "srcnat", value: 100, hooks: ["postrouting"] },
];

const BRIDGE: readonly Named[] = [
  { name: "dstnat", value: -300, hooks: ["prerouting"] },
  { name: "filter", value: -200 },
  { name: "out", value: 100, hooks: ["output"] },
  { name: "srcnat", value: 300, hooks: ["postrouting"] },
];

const OTHER: readonly Named[] = [{ name: "filter", value: 0 }];

function namesOf(family: NfFamily, hook: Hook): readonly Named[] {
  const all = family === "bridge" ? BRIDGE : family === "arp" || family === "netdev" ? OTHER : IP;
  return all.filter((named) => named.hooks === undefined || named.hooks.includes(hook));
}

/** How far from a name nft still uses it. */
const NEAR = 10;

/** `dstnat - 10`, `filter`, `-450`. */
export function printPriority(value: number, family: NfFamily, hook: Hook): string {
  for (const named of namesOf(family, hook)) {
    const distance = value - named.value;
    if (distance === 0) return named.name;
    if (Math.abs(distance) > NEAR) continue;
    return `${named.name} ${distance < 0 ? "-" : "+"} ${Math.abs(distance)}`;
  }
  return String(value);
}

/** The value of a name; undefined where the family or hook has no such name. */
export function priorityOf(name: string, family: NfFamily, hook: Hook): number | undefined {
  const all = family === "bridge" ? BRIDGE : family === "arp" || family === "netdev" ? OTHER : IP;
  const own = namesOf(family, hook).find((named) => named.name === name);
  return (own ?? all.find((named) => named.name === name))?.value;
}
