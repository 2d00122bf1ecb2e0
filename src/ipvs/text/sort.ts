/**
 * The order in which `ipvsadm` prints. It compares addresses by the sign of their difference in 32
 * bits, which is no order at all: 192.0.2.1 comes before 10.0.0.1, and where three addresses chase
 * each other the outcome hangs on how it sorts. So it is sorted here as there, by merging halves.
 *
 * Follows: ipvsadm 1.31 libipvs/libipvs.c `ipvs_cmp_services`, `ipvs_cmp_dests`; glibc 2.36
 * stdlib/msort.c `msort_with_tmp`.
 */
import type { Addr } from "../../addr/index.js";
import type { IpvsProtocol, RealServer, VirtualServer } from "../config.js";

const PROTOCOLS: Readonly<Record<IpvsProtocol, number>> = { tcp: 6, udp: 17, sctp: 132 };
const FAMILIES = { ip4: 2, ip6: 10 } as const;

/** Sorts virtual servers as `ipvsadm` does. */
export function sortServices<T extends Pick<VirtualServer, "addr" | "port" | "protocol">>(
  servers: readonly T[],
): readonly T[] {
  return mergeSort(servers, (a, b) => {
    return (
      FAMILIES[a.addr.family] - FAMILIES[b.addr.family] ||
      PROTOCOLS[a.protocol] - PROTOCOLS[b.protocol] ||
      compareEnds(a, b)
    );
  });
}

/** Sorts real servers as `ipvsadm` does. */
export function sortServers<T extends Pick<RealServer, "addr" | "port">>(
  servers: readonly T[],
): readonly T[] {
  return mergeSort(servers, compareEnds);
}

type End = Pick<RealServer, "addr" | "port">;

function compareEnds(a: End, b: End): number {
  return compareWords(a.addr, b.addr) || a.port - b.port;
}

/** The difference of the first words that differ, cut to 32 bits with a sign. */
function compareWords(a: Addr, b: Addr): number {
  return (a.s0 - b.s0) | 0 || (a.s1 - b.s1) | 0 || (a.s2 - b.s2) | 0 || (a.s3 - b.s3) | 0;
}

function mergeSort<T>(list: readonly T[], compare: (a: T, b: T) => number): readonly T[] {
  if (list.length <= 1) return list;
  const half = list.length >> 1;
  const left = mergeSort(list.slice(0, half), compare);
  const right = mergeSort(list.slice(half), compare);
  const merged: T[] = [];
  let [l, r] = [0, 0];
  while (l < left.length && r < right.length) {
    const isLeft = compare(left[l] as T, right[r] as T) <= 0;
    merged.push((isLeft ? left[l++] : right[r++]) as T);
  }
  return [...merged, ...left.slice(l), ...right.slice(r)];
}
