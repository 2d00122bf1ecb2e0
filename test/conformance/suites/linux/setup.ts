/** The few `ip` commands that the recordings were set up with, as plain data. */
import {
  type Addr,
  type Family,
  makeLinkAddr,
  parseAddr,
  parseLinkAddr,
} from "../../../../src/addr/index.js";
import type { FibAddress, FibLink } from "../../../../src/fib/index.js";

/** Links by name, with the addresses that `ip addr add` lines set. */
export function linksOf(setup: readonly string[], names: readonly string[]): FibLink[] {
  const addresses = new Map<string, FibAddress[]>();
  for (const line of setup) {
    const found = /^ip (?:-[46] )?addr add (\S+) dev (\S+)/.exec(line);
    if (found === null) continue;
    const [, text, dev] = found as unknown as [string, string, string];
    const address = text.includes("/") ? parseLinkAddr(text) : makeHostAddr(parseAddr(text));
    const list = addresses.get(dev) ?? [];
    list.push({ address, scope: "global" });
    addresses.set(dev, list);
  }
  const own = (name: string) => addresses.get(name) ?? [];
  return [
    {
      index: 1,
      name: "lo",
      up: true,
      kind: { kind: "loopback" },
      addresses: [...LOOPBACK, ...own("lo")],
    },
    ...names.map((name, i) => ({
      index: i + 2,
      name,
      up: true,
      carrier: true,
      kind: { kind: "veth" },
      addresses: own(name),
    })),
  ];
}

const LOOPBACK: readonly FibAddress[] = [
  { address: parseLinkAddr("127.0.0.1/8"), scope: "host" },
  { address: parseLinkAddr("::1/128"), scope: "host" },
];

function makeHostAddr(addr: Addr) {
  return makeLinkAddr(addr, addr.family === "ip4" ? 32 : 128);
}

/** `4` or `6`, as the recordings write families. */
export function familyOf(digit: string): Family {
  return digit === "4" ? "ip4" : "ip6";
}
