/**
 * The ports of a pod behind a Service: numbers are taken as they are, names are looked up in each
 * pod, so pods of one Service can have different numbers and then stand in different slices.
 *
 * The order of the ports inside a slice is that of the 128-bit FNV-1a hash of their Go dump; the
 * controller sorts by it, and what it writes shows it.
 */
import type { Pod, Service } from "../../objects/index.js";
import type { SlicePort } from "./slice.js";

type ServicePort = NonNullable<NonNullable<Service["spec"]>["ports"]>[number];

/**
 * The ports that a pod gives a Service, sorted as the controller sorts them. A named target port
 * that the pod does not have is left out.
 *
 * Follows: Kubernetes v1.35.4 k8s.io/endpointslice utils.go `getEndpointPorts`,
 * util/controller_utils.go `NewPortMapKey`.
 */
export function computeSlicePorts(service: Service, pod: Pod): readonly SlicePort[] {
  const found: SlicePort[] = [];
  for (const servicePort of service.spec?.ports ?? []) {
    const port = findPort(pod, servicePort);
    if (port === undefined) continue;
    found.push({
      name: servicePort.name ?? "",
      protocol: servicePort.protocol ?? "TCP",
      port,
      ...(servicePort.appProtocol === undefined ? {} : { appProtocol: servicePort.appProtocol }),
    });
  }
  return sortPorts(found);
}

/** Sorts the ports of a slice in the order the controller gives them. */
export function sortPorts(ports: readonly SlicePort[]): readonly SlicePort[] {
  if (ports.length < 2) return ports;
  return ports
    .map((port) => ({ port, hash: fnv128a(dumpPort(port)) }))
    .sort((a, b) => (a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0))
    .map(({ port }) => port);
}

/** A key that two lists of ports share if and only if they hold the same ports. */
export function portsKey(ports: readonly SlicePort[]): string {
  return sortPorts(ports).map(dumpPort).join(" ");
}

/**
 * Finds the number a Service port has in a pod, or undefined if the pod has no port of that name.
 * Restartable init containers (sidecars) count, after the containers.
 *
 * Follows: Kubernetes v1.35.4 k8s.io/endpointslice utils.go `FindPort`.
 */
export function findPort(pod: Pod, servicePort: ServicePort): number | undefined {
  const target = servicePort.targetPort ?? servicePort.port;
  if (typeof target === "number") return target;
  const protocol = servicePort.protocol ?? "TCP";
  const sidecars = (pod.spec?.initContainers ?? []).filter((c) => c.restartPolicy === "Always");
  for (const container of [...(pod.spec?.containers ?? []), ...sidecars]) {
    for (const port of container.ports ?? []) {
      if (port.name === target && (port.protocol ?? "TCP") === protocol) return port.containerPort;
    }
  }
  return undefined;
}

/** The text that Go's dump for hashing prints for an endpoint port (`%#v` of go-spew). */
function dumpPort(port: SlicePort): string {
  const name = `Name:(*string)${port.name ?? "<nil>"}`;
  const protocol = `Protocol:(*v1.Protocol)${port.protocol ?? "<nil>"}`;
  const number = `Port:(*int32)${port.port ?? "<nil>"}`;
  const app = `AppProtocol:(*string)${port.appProtocol ?? "<nil>"}`;
  return `(v1.EndpointPort){${name} ${protocol} ${number} ${app}}`;
}

/** Offset basis and prime of the 128-bit FNV hash (draft-eastlake-fnv). */
const FNV128_OFFSET = 0x6c62272e07bb014262b821756295c58dn;
const FNV128_PRIME = 0x0000000001000000000000000000013bn;
const MASK128 = (1n << 128n) - 1n;

function fnv128a(text: string): bigint {
  let hash = FNV128_OFFSET;
  for (const byte of new TextEncoder().encode(text)) {
    hash = ((hash ^ BigInt(byte)) * FNV128_PRIME) & MASK128;
  }
  return hash;
}
