/** host-local with a fault: it hands out the candidate after its pointer without looking whose it is. */
import { LinkAddr } from "../../../src/addr/index.js";
import {
  type AddOutcome,
  candidates,
  type Holder,
  type HostLocalConfig,
  type Leases,
  pointerFile,
} from "../../../src/ipam/index.js";

export function addLeaseWithoutLook(
  leases: Leases,
  config: HostLocalConfig,
  holder: Holder,
): AddOutcome {
  const next = new Map(leases);
  const ips = config.sets.flatMap((set, index) => {
    const [first] = candidates(set, next.get(pointerFile(index)));
    if (first === undefined) return [];
    next.set(pointerFile(index), first.addr.toString());
    next.set(first.addr.toString(), holder.containerId);
    return [
      { address: new LinkAddr(first.addr, first.range.subnet.bits), gateway: first.range.gateway },
    ];
  });
  return { leases: next, effects: [], ips };
}
