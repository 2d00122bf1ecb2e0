/**
 * The subsets of Endpoints: addresses that offer the same ports, each subset with all of these.
 *
 * Follows: Kubernetes v1.35.4 pkg/api/v1/endpoints/util.go `RepackSubsets`, `SortSubsets`.
 */
import type { EndpointAddress, EndpointPort, EndpointSubset } from "../../objects/index.js";
import { compareText } from "../state/identity.js";

/** What one pod offers. */
export interface Offer {
  readonly address: EndpointAddress;
  readonly isReady: boolean;
  /** None for a Service without ports. */
  readonly ports: readonly EndpointPort[];
}

/**
 * Packs offers into subsets.
 *
 * Shape: ports are in the order of their hashes, as upstream has them; subsets, whose hashes depend on
 * uids, in the order of their ports.
 */
export function packSubsets(offers: readonly Offer[]): readonly EndpointSubset[] {
  const offering = new Map<string, { readonly port?: EndpointPort; readonly by: Offer[] }>();
  for (const offer of offers) {
    const ports = offer.ports.length === 0 ? [undefined] : offer.ports;
    for (const port of ports) {
      const key = port === undefined ? "" : printPort(port);
      const entry = offering.get(key) ?? { ...(port === undefined ? {} : { port }), by: [] };
      offering.set(key, entry);
      entry.by.push(offer);
    }
  }
  const groups = new Map<
    string,
    { readonly by: readonly Offer[]; readonly ports: EndpointPort[] }
  >();
  for (const { by, port } of offering.values()) {
    const key = by
      .map(({ address }) => placeOf(address))
      .sort(compareText)
      .join();
    const group = groups.get(key) ?? { by, ports: [] };
    groups.set(key, group);
    if (port !== undefined) group.ports.push(port);
  }
  const subsets = [...groups.values()].map(({ by, ports }) => toSubset(by, ports));
  return subsets.sort((a, b) => compareText(textOf(a), textOf(b)));
}

function toSubset(by: readonly Offer[], ports: readonly EndpointPort[]): EndpointSubset {
  const list = (isReady: boolean) =>
    by
      .filter((offer) => offer.isReady === isReady)
      .map(({ address }) => address)
      .sort((a, b) => compareText(placeOf(a), placeOf(b)));
  const [addresses, notReadyAddresses] = [list(true), list(false)];
  return {
    ...(addresses.length === 0 ? {} : { addresses }),
    ...(notReadyAddresses.length === 0 ? {} : { notReadyAddresses }),
    ...(ports.length === 0 ? {} : { ports: sortPorts(ports) }),
  } as EndpointSubset;
}

function placeOf({ ip, targetRef }: EndpointAddress): string {
  return `${ip}/${targetRef?.uid ?? ""}`;
}

function textOf({ ports = [] }: EndpointSubset): string {
  return ports.map(printPort).sort(compareText).join();
}

/** Ports in the order of upstream's hashes. */
export function sortPorts(ports: readonly EndpointPort[]): readonly EndpointPort[] {
  const hashed = ports.map((port) => ({ port, hash: hashText(printPort(port)) }));
  hashed.sort((a, b) => (a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0));
  return hashed.map(({ port }) => port);
}

/** A port as Go's `spew` prints it for hashing (apimachinery v0.35 pkg/util/dump `ForHash`). */
function printPort({ appProtocol, name = "", port, protocol }: EndpointPort): string {
  return `(v1.EndpointPort){Name:(string)${name} Port:(int32)${port} Protocol:(v1.Protocol)${protocol} AppProtocol:(*string)${appProtocol ?? "<nil>"}}`;
}

/** Where FNV-1a of 128 bits begins, and what it multiplies by. Source: Go's hash/fnv `New128a`. */
const OFFSET = 0x6c62272e07bb014262b821756295c58dn;
const PRIME = 0x0000000001000000000000000000013bn;
const MASK = (1n << 128n) - 1n;

function hashText(text: string): bigint {
  let hash = OFFSET;
  for (const byte of utf8(text)) hash = ((hash ^ BigInt(byte)) * PRIME) & MASK;
  return hash;
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
