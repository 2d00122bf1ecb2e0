/**
 * The canonical form of an Endpoints object's subsets: each address once, and together what has the same
 * ports. Whoever reads Endpoints brings them into this form first.
 */
import type { EndpointAddress, EndpointPort, EndpointSubset } from "../../objects/index.js";
import { compareText } from "../state/identity.js";

/** The addresses that have one port, and whether they are ready. */
type Ready = Map<EndpointAddress, boolean>;

/** One port, or no port at all, and who has it. */
interface PortAddresses {
  readonly port: EndpointPort | undefined;
  readonly ready: Ready;
}

/**
 * Brings subsets into their canonical form.
 *
 * Shape: addresses are the same if address and uid of the target are; the first one's other fields stay.
 * One that is both ready and not ready is not ready. Ports that name an application protocol are never
 * the same as another's: Go compares their pointers. Addresses are sorted by text, then uid.
 * Follows: Kubernetes v1.35.4 pkg/api/v1/endpoints/util.go `RepackSubsets`; the order of subsets, a hash
 * there, is that of their first mention here.
 * Cost: each address once for each of its ports.
 */
export function repackSubsets(subsets: readonly EndpointSubset[]): readonly EndpointSubset[] {
  const byAddresses = new Map<string, { readonly ready: Ready; readonly ports: EndpointPort[] }>();
  for (const { port, ready } of gatherPorts(subsets)) {
    const key = addressesKey(ready);
    const group = byAddresses.get(key) ?? { ready, ports: [] };
    byAddresses.set(key, group);
    if (port !== undefined) group.ports.push(port);
  }
  return [...byAddresses.values()].map(({ ready, ports }) => {
    const sorted = [...ready].sort(([a], [b]) => compareAddresses(a, b));
    const those = (isReady: boolean) => sorted.flatMap(([a, is]) => (is === isReady ? [a] : []));
    return { addresses: those(true), notReadyAddresses: those(false), ports };
  });
}

function gatherPorts(subsets: readonly EndpointSubset[]): Iterable<PortAddresses> {
  const known = new Map<string, EndpointAddress>();
  const ports = new Map<string, PortAddresses>();
  for (const [index, subset] of subsets.entries()) {
    const own: readonly (EndpointPort | undefined)[] = subset.ports ?? [];
    for (const [at, port] of (own.length === 0 ? [undefined] : own).entries()) {
      const key = portKey(port, `${index}/${at}`);
      const entry = ports.get(key) ?? { port, ready: new Map() };
      ports.set(key, entry);
      for (const address of subset.addresses ?? []) take(known, entry.ready, address, true);
      for (const address of subset.notReadyAddresses ?? [])
        take(known, entry.ready, address, false);
    }
  }
  // A port that nobody has is no port of anybody.
  return [...ports.values()].filter(({ ready }) => ready.size > 0);
}

function take(
  known: Map<string, EndpointAddress>,
  ready: Ready,
  address: EndpointAddress,
  isReady: boolean,
): void {
  const key = `${address.ip} ${uidOf(address)}`;
  const first = known.get(key) ?? address;
  known.set(key, first);
  if (ready.get(first) !== false) ready.set(first, isReady);
}

function portKey(port: EndpointPort | undefined, place: string): string {
  if (port === undefined) return "";
  const { name = "", port: number, protocol = "TCP", appProtocol } = port;
  return JSON.stringify([name, number, protocol, appProtocol === undefined ? "" : place]);
}

function addressesKey(ready: Ready): string {
  const sorted = [...ready].sort(([a], [b]) => compareAddresses(a, b));
  return JSON.stringify(sorted.map(([address, is]) => [contentOf(address), is]));
}

function contentOf({ ip, hostname = "", nodeName, targetRef }: EndpointAddress): unknown {
  const target = Object.entries(targetRef ?? {}).sort(([a], [b]) => compareText(a, b));
  return [ip, hostname, nodeName ?? null, targetRef === undefined ? null : target];
}

/** By text, then by the target's uid; an address without a target comes first. */
function compareAddresses(a: EndpointAddress, b: EndpointAddress): number {
  const byIp = compareText(a.ip, b.ip);
  if (byIp !== 0) return byIp;
  if (a.targetRef === undefined || b.targetRef === undefined) {
    return Number(a.targetRef !== undefined) - Number(b.targetRef !== undefined);
  }
  return compareText(uidOf(a), uidOf(b));
}

function uidOf({ targetRef }: EndpointAddress): string {
  return targetRef?.uid ?? "";
}
