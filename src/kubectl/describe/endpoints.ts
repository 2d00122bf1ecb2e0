/**
 * `kubectl describe` of Endpoints and EndpointSlices.
 *
 * Follows: kubectl v0.35 pkg/describe/describe.go `describeEndpoints`, `describeEndpointSliceV1`.
 */
import type { Endpoint, EndpointSlice, Endpoints } from "../../objects/index.js";
import { writeEvents } from "./events.js";
import type { Surroundings } from "./pod.js";
import { writeLabels, writeName } from "./workload.js";
import { DescribeWriter } from "./writer.js";

/** Describes Endpoints. */
export function describeEndpoints(one: Endpoints, { events, now }: Surroundings): string {
  const w = new DescribeWriter();
  writeName(w, one);
  writeLabels(w, one);
  w.line(0, "Subsets:");
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of one.subsets ?? []) {
    const list = (all: typeof addresses) => all.map((a) => a.ip).join(",") || "<none>";
    w.line(1, `Addresses:\t${list(addresses)}`);
    w.line(1, `NotReadyAddresses:\t${list(notReadyAddresses)}`);
    if (ports.length > 0) {
      w.line(1, "Ports:");
      w.line(2, "Name\tPort\tProtocol");
      w.line(2, "----\t----\t--------");
    }
    for (const { name, port, protocol = "TCP" } of ports) {
      w.line(2, `${name || "<unset>"}\t${port}\t${protocol}`);
    }
    w.line(0, "");
  }
  writeEvents(w, events, now);
  return w.toString();
}

/** Describes an EndpointSlice. */
export function describeEndpointSlice(one: EndpointSlice, { events, now }: Surroundings): string {
  const w = new DescribeWriter();
  writeName(w, one);
  writeLabels(w, one);
  w.line(0, `AddressType:\t${one.addressType}`);
  const ports = one.ports ?? [];
  w.line(0, `Ports:${ports.length === 0 ? " <unset>" : ""}`);
  if (ports.length > 0) {
    w.line(1, "Name\tPort\tProtocol");
    w.line(1, "----\t----\t--------");
  }
  for (const { name, port, protocol = "TCP" } of ports) {
    w.line(1, `${name || "<unset>"}\t${port ?? "<unset>"}\t${protocol}`);
  }
  const endpoints = one.endpoints ?? [];
  w.line(0, `Endpoints:${endpoints.length === 0 ? " <none>" : ""}`);
  for (const endpoint of endpoints) writeEndpoint(w, endpoint);
  writeEvents(w, events, now);
  return w.toString();
}

function writeEndpoint(w: DescribeWriter, endpoint: Endpoint): void {
  const { addresses, conditions, hostname, nodeName, targetRef, zone } = endpoint;
  w.line(1, `- Addresses:\t${addresses.join(", ") || "<none>"}`);
  w.line(2, "Conditions:");
  w.line(3, `Ready:\t${conditions?.ready ?? "<unset>"}`);
  w.line(2, `Hostname:\t${hostname ?? "<unset>"}`);
  if (targetRef !== undefined) {
    w.line(2, `TargetRef:\t${targetRef.kind ?? ""}/${targetRef.name ?? ""}`);
  }
  w.line(2, `NodeName:\t${nodeName ?? "<unset>"}`);
  w.line(2, `Zone:\t${zone ?? "<unset>"}`);
}
