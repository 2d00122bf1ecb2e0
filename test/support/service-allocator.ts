/** What Services are given, on a cluster with nothing on it. */
import { readSettings } from "../../src/cluster/settings.js";
import { AddressBook, createAddresses } from "../../src/cluster/state/addresses.js";
import { ServiceShare } from "../../src/cluster/state/service-allocator.js";
import { createNodePorts } from "../../src/ipam/index.js";
import type { Allocator } from "../../src/objects/index.js";

/** The ranges of a cluster; the first Service range is of the primary family. */
export interface AllocatorOptions {
  readonly serviceCIDRs: readonly string[];
  /** First and last node port, both included. */
  readonly nodePorts: readonly [number, number];
}

/** Makes an allocator with nothing taken, and the book in which it writes. */
export function makeAllocator({ serviceCIDRs, nodePorts }: AllocatorOptions): {
  readonly allocator: Allocator;
  readonly book: AddressBook;
} {
  const families = serviceCIDRs.map((c) => (c.includes(":") ? ("ip6" as const) : ("ip4" as const)));
  const addresses = createAddresses(readSettings({ families, serviceCIDRs }));
  const [first, last] = nodePorts;
  const book = new AddressBook({ ...addresses, nodePorts: createNodePorts({ first, last }) });
  return { allocator: new ServiceShare(book, { namespace: "shop", name: "web" }, 0), book };
}
