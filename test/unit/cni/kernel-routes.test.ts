/** The routes we say the kernel adds are those of recorded kernels, on every namespace of every file. */
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { makeLinkAddr, parseAddr, parseMac } from "../../../src/addr/index.js";
import { kernelRoutes, linkLocalAddress } from "../../../src/cni/index.js";
import type { RouteConfig } from "../../../src/fib/index.js";
import type { LinkConfig } from "../../../src/link/index.js";
import { listFiles, readJson } from "../../conformance/files.js";

const DIR = "../shared/vectors/kernel";

interface DumpedRoute {
  readonly type?: string;
  readonly dst: string;
  readonly dev?: string;
  readonly table?: string;
  readonly protocol?: string;
  readonly prefsrc?: string;
  readonly metric?: number;
}

interface Dump {
  readonly ip_addr: readonly {
    readonly ifname: string;
    readonly flags: readonly string[];
    readonly address?: string;
    readonly addr_info: readonly {
      readonly family: string;
      readonly local: string;
      readonly prefixlen: number;
      readonly address?: string;
    }[];
  }[];
  readonly ip_route: readonly DumpedRoute[];
  readonly ip6_route: readonly DumpedRoute[];
  readonly sysctl: Readonly<Record<string, string>>;
}

test.skipIf(!existsSync(DIR))("kernel routes are those a real kernel made", () => {
  let compared = 0;
  for (const file of listFiles(DIR, ".json")) {
    const record = readJson<{ namespaces?: Record<string, Dump> }>(file);
    for (const [name, dump] of Object.entries(record.namespaces ?? {})) {
      const links = dump.ip_addr.map(readLink).filter((l) => isPlain(l, dump));
      const names = new Set(links.map((l) => l.name));
      const isForwarding6 = dump.sysctl["net.ipv6.conf.all.forwarding"] === "1";
      const ours = kernelRoutes(links, { isForwarding6 }).map(printOurs);
      const theirs = [...dump.ip_route, ...dump.ip6_route]
        .filter((r) => r.protocol === "kernel" && names.has(r.dev ?? ""))
        .map(printDumped);
      expect(unique(ours), `${file} ${name}`).toEqual(unique(theirs));
      compared += theirs.length;
    }
  }
  expect(compared).toBeGreaterThan(10_000);
});

test("the link-local address comes from the MAC", () => {
  const [own] = linkLocalAddress({ mac: parseMac("02:42:00:00:00:01") });
  expect(String(own?.address)).toBe("fe80::42:ff:fe00:1/64");
});

function readLink(link: Dump["ip_addr"][number], at: number): LinkConfig {
  return {
    index: at + 1,
    name: link.ifname,
    mtu: 1500,
    up: link.flags.includes("UP"),
    kind: { kind: link.flags.includes("LOOPBACK") ? "loopback" : "dummy" },
    addresses: link.addr_info.map((a) => ({
      address: makeLinkAddr(parseAddr(a.local), a.prefixlen),
      scope: "global",
    })),
  };
}

/** Links of the kinds that the flavours make. */
function isPlain(link: LinkConfig, dump: Dump): boolean {
  const own = dump.ip_addr.find((l) => l.ifname === link.name);
  const isPeer = own?.addr_info.some((a) => a.address !== undefined) === true;
  return !isPeer && own?.address !== undefined;
}

function printOurs(r: RouteConfig): string {
  const bits = r.family === "ip4" ? 32 : 128;
  const dst = r.dst.bits === bits ? String(r.dst.addr) : String(r.dst);
  return [r.kind, dst, r.nextHops[0]?.link, r.table, r.src ?? "-", r.metric].join(" ");
}

function printDumped(r: DumpedRoute): string {
  const table = r.table === "local" ? 255 : r.table === undefined ? 254 : r.table;
  return [r.type ?? "unicast", r.dst, r.dev, table, r.prefsrc ?? "-", r.metric ?? 0].join(" ");
}

function unique(lines: readonly string[]): readonly string[] {
  return [...new Set(lines)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
