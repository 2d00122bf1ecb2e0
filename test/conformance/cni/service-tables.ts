/** Tables of the API server's allocators and of the node CIDR set. */
import { addOffset, parseAddr, parseLinkAddr, parsePrefix } from "../../../src/addr/index.js";
import { openRandom } from "../../../src/base/index.js";
import {
  allocateCidr,
  blockAt,
  blocksOf,
  type CidrSet,
  createCidrSet,
  createNodePorts,
  createServiceAddrs,
  freeNodePorts,
  freeServiceAddrs,
  occupyCidr,
  releaseCidr,
  releaseNodePort,
  releaseServiceAddr,
  staticBandSize,
  staticPortBandSize,
  takeAnyNodePort,
  takeAnyServiceAddr,
  takeNodePort,
  takeServiceAddr,
  usableCount,
} from "../../../src/ipam/index.js";
import type { Report } from "../suite.js";

interface CidrTables {
  readonly fullyAllocated: { rows: [string, number, string][] };
  readonly indexToCIDR: { rows: [string, number, number, string][] };
  readonly reallocationOrder: { clusters: string[] };
  readonly occupied: { clusters: string[] };
  readonly doubleOccupyRelease: {
    cluster: string;
    nodeMask: number;
    ops: [string, string, number][];
    thenAllocatable: number;
  };
  readonly indexForCIDR: { rows: [string, number, string, number | null][] };
  readonly occupy: { rows: [string, number, string, number, number][] };
  readonly v6limits: { rows: [string, number, string, string?][] };
}

/** The set's prefix, host bits dropped as the controller drops them. */
const cluster = (text: string) => parseLinkAddr(text).prefix();

export function runCidrSetTables(id: string, tables: CidrTables, report: Report) {
  for (const [cidr, bits, expected] of tables.fullyAllocated.rows) {
    report.check(`${id}/fullyAllocated/${cidr}`, () => {
      const first = allocateCidr(createCidrSet(cluster(cidr), bits));
      const refused = refusedBy(() => allocateCidr(first.set));
      const again = allocateCidr(releaseCidr(first.set, first.cidr));
      return same([first.cidr, refused, again.cidr].join(), [expected, true, expected].join());
    });
  }
  for (const [cidr, bits, index, expected] of tables.indexToCIDR.rows) {
    report.check(`${id}/indexToCIDR/${cidr}/${index}`, () =>
      same(`${blockAt(createCidrSet(cluster(cidr), bits), index)}`, blockText(expected)),
    );
  }
  for (const [cidr, bits, block, index] of tables.indexForCIDR.rows) {
    report.check(`${id}/indexForCIDR/${cidr}/${block}`, () => {
      const set = createCidrSet(cluster(cidr), bits);
      if (index === null)
        return refusedBy(() => blocksOf(set, parsePrefix(block))) ? undefined : "accepted";
      return same(String(blocksOf(set, parsePrefix(block)).first), String(index));
    });
  }
  for (const [cidr, bits, block, first, last] of tables.occupy.rows) {
    report.check(`${id}/occupy/${cidr}/${block}`, () => {
      const range = blocksOf(createCidrSet(cluster(cidr), bits), cluster(block));
      return same(`${range.first}-${range.last}`, `${first}-${last}`);
    });
  }
  runCidrSequences(id, tables, report);
}

/** A row of the table writes a host address for a block of one address; others are their own block. */
function blockText(text: string): string {
  return cluster(text).toString();
}

function runCidrSequences(id: string, tables: CidrTables, report: Report) {
  for (const cidr of tables.reallocationOrder.clusters) {
    report.check(`${id}/reallocationOrder/${cidr}`, () => {
      const first = takeBlocks(createCidrSet(cluster(cidr), 24), 256);
      const refused = refusedBy(() => allocateCidr(first.set));
      const empty = first.cidrs.reduce(releaseCidr, first.set);
      const second = takeBlocks(empty, 256);
      return same(`${refused} ${second.cidrs.join()}`, `true ${first.cidrs.join()}`);
    });
  }
  for (const cidr of tables.occupied.clusters) {
    report.check(`${id}/occupied/${cidr}`, () => {
      const all = takeBlocks(createCidrSet(cluster(cidr), 24), 256);
      const empty = all.cidrs.reduce(releaseCidr, all.set);
      const upper = [...all.cidrs.slice(128), ...all.cidrs.slice(128, 129)];
      const half = takeBlocks(upper.reduce(occupyCidr, empty), 128);
      const refused = refusedBy(() => allocateCidr(half.set));
      return same(`${refused} ${half.cidrs.join()}`, `true ${all.cidrs.slice(0, 128).join()}`);
    });
  }
  const double = tables.doubleOccupyRelease;
  report.check(`${id}/doubleOccupyRelease`, () => {
    let set = createCidrSet(cluster(double.cluster), double.nodeMask);
    for (const [op, cidr, count] of double.ops) {
      set = (op === "occupy" ? occupyCidr : releaseCidr)(set, cluster(cidr));
      if (set.usedCount !== count) return `${op} ${cidr}: expected ${count}, got ${set.usedCount}`;
    }
    const rest = takeBlocks(set, double.thenAllocatable);
    return refusedBy(() => allocateCidr(rest.set)) ? undefined : "one block more than expected";
  });
  for (const [cidr, bits, first, second] of tables.v6limits.rows) {
    report.check(`${id}/v6limits/${cidr}`, () => {
      if (first === "error")
        return refusedBy(() => createCidrSet(cluster(cidr), bits)) ? undefined : "accepted";
      const got = takeBlocks(createCidrSet(cluster(cidr), bits), 2).cidrs.join();
      return same(got, [first, second].join());
    });
  }
}

function takeBlocks(from: CidrSet, count: number) {
  let set = from;
  const cidrs = Array.from({ length: count }, () => {
    const got = allocateCidr(set);
    set = got.set;
    return got.cidr;
  });
  return { set, cidrs };
}

interface LifeCycle {
  readonly cidr: string;
  readonly free: number;
  readonly released: string;
  readonly outOfRange: readonly string[];
  readonly alreadyAllocated: string;
}

interface ServiceTables {
  readonly lifecycle: { ipAddressAllocator: LifeCycle[]; bitmapAllocator: LifeCycle[] };
  readonly rangeOffset: { rows: [string, number][] };
  readonly hostsPerNetwork: { rows: [string, string][] };
  readonly addOffset: { rows: [string, string, string][] };
  readonly broadcast: { rows: [string, string][] };
  readonly reserved: { cidr: string; staticOffset: number };
}

export function runServiceAddrTables(id: string, tables: ServiceTables, report: Report) {
  const { ipAddressAllocator, bitmapAllocator } = tables.lifecycle;
  for (const row of ipAddressAllocator) {
    report.check(`${id}/lifecycle/ipaddress/${row.cidr}`, () => runLifeCycle(row));
  }
  for (const row of bitmapAllocator) {
    if (row.cidr.endsWith("/48"))
      report.skip(`${id}/lifecycle/bitmap/${row.cidr}`, "the bitmap allocator of old releases");
    else report.check(`${id}/lifecycle/bitmap/${row.cidr}`, () => runLifeCycle(row));
  }
  for (const [cidr, size] of tables.rangeOffset.rows) {
    report.check(`${id}/rangeOffset/${cidr}`, () =>
      same(`${staticBandSize(cluster(cidr))}`, `${size}`),
    );
  }
  for (const [cidr, count] of tables.hostsPerNetwork.rows) {
    report.check(`${id}/hostsPerNetwork/${cidr}`, () =>
      same(`${usableCount(cluster(cidr))}`, count),
    );
  }
  for (const [addr, offset, expected] of tables.addOffset.rows) {
    report.check(`${id}/addOffset/${addr}/${offset}`, () =>
      same(`${addOffset(parseAddr(addr), BigInt(offset))}`, expected),
    );
  }
  for (const [cidr, expected] of tables.broadcast.rows) {
    report.check(`${id}/broadcast/${cidr}`, () => same(`${cluster(cidr).last()}`, expected));
  }
  report.check(`${id}/reserved`, () => runReservedBand(tables.reserved));
}

function runLifeCycle(row: LifeCycle): string | undefined {
  const random = openRandom("conformance", row.cidr);
  let addrs = createServiceAddrs(parsePrefix(row.cidr));
  if (freeServiceAddrs(addrs) !== BigInt(row.free)) return `free: ${freeServiceAddrs(addrs)}`;
  const seen = new Set<string>();
  for (let i = 0; i < row.free; i++) {
    const got = takeAnyServiceAddr(addrs, random);
    addrs = got.addrs;
    seen.add(got.addr.key());
  }
  if (seen.size !== row.free) return `only ${seen.size} distinct addresses`;
  if (!refusedBy(() => takeAnyServiceAddr(addrs, random))) return "gave more than there are";
  const released = parseAddr(row.released);
  addrs = releaseServiceAddr(addrs, released);
  const got = takeAnyServiceAddr(addrs, random);
  if (!got.addr.equals(released)) return `expected ${released}, got ${got.addr}`;
  addrs = releaseServiceAddr(got.addrs, released);
  const refused = [...row.outOfRange, row.alreadyAllocated].map(parseAddr);
  const accepted = refused.filter((addr) => !refusedBy(() => takeServiceAddr(addrs, addr)));
  if (accepted.length > 0) return `accepted ${accepted.join()}`;
  return same(`${freeServiceAddrs(takeServiceAddr(addrs, released))}`, "0");
}

function runReservedBand({ cidr, staticOffset }: ServiceTables["reserved"]): string | undefined {
  const random = openRandom("conformance", "reserved");
  const range = parsePrefix(cidr);
  let addrs = createServiceAddrs(range);
  const upper = Number(freeServiceAddrs(addrs)) - staticOffset;
  for (let i = 0; i < upper; i++) {
    const got = takeAnyServiceAddr(addrs, random);
    addrs = got.addrs;
    if (got.addr.compare(addOffset(range.addr, staticOffset)) <= 0)
      return `${got.addr} is of the lower band`;
  }
  for (let i = 1; i <= staticOffset; i++) addrs = takeServiceAddr(addrs, addOffset(range.addr, i));
  const tenth = addOffset(range.addr, 10);
  const got = takeAnyServiceAddr(releaseServiceAddr(addrs, tenth), random);
  return same(`${got.addr} ${freeServiceAddrs(got.addrs)}`, `${tenth} 0`);
}

interface PortTables {
  readonly lifecycle: { range: string; free: number };
  readonly rangeOffset: { rows: [number, number, number, number, number][] };
}

export function runNodePortTables(id: string, tables: PortTables, report: Report) {
  report.check(`${id}/lifecycle`, () => runPortLifeCycle(tables.lifecycle));
  for (const [first, last, size, band] of tables.rangeOffset.rows) {
    report.check(`${id}/rangeOffset/${first}-${last}`, () => {
      const ports = createNodePorts({ first, last });
      return same(
        `${freeNodePorts(ports)} ${staticPortBandSize(size)} ${ports.band.reserved}`,
        `${size} ${band} ${band}`,
      );
    });
  }
}

function runPortLifeCycle({ range, free }: PortTables["lifecycle"]): string | undefined {
  const random = openRandom("conformance", "ports");
  const [first = 0, last = 0] = range.split("-").map(Number);
  let ports = createNodePorts({ first, last });
  const seen = new Set<number>();
  for (let i = 0; i < free; i++) {
    const got = takeAnyNodePort(ports, random);
    ports = got.ports;
    seen.add(got.port);
  }
  if (seen.size !== free) return `only ${seen.size} distinct ports`;
  if (!refusedBy(() => takeAnyNodePort(ports, random))) return "gave more than there are";
  const again = takeAnyNodePort(releaseNodePort(ports, first + 5), random);
  if (again.port !== first + 5) return `expected ${first + 5}, got ${again.port}`;
  ports = releaseNodePort(again.ports, first + 5);
  const accepted = [1, first + 1, 20000, last + 1].filter(
    (p) => !refusedBy(() => takeNodePort(ports, p)),
  );
  if (accepted.length > 0) return `accepted ${accepted.join()}`;
  return same(`${freeNodePorts(takeNodePort(ports, first + 5))}`, "0");
}

function refusedBy(call: () => unknown): boolean {
  try {
    call();
    return false;
  } catch {
    return true;
  }
}

function same(got: string, expected: string): string | undefined {
  return got === expected ? undefined : `expected ${expected}, got ${got}`;
}
