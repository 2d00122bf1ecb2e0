/** The law of every allocator: no address is ever held twice, and a refusal gives nothing away. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsePrefix } from "../../../src/addr/index.js";
import { openRandom } from "../../../src/base/index.js";
import {
  type AddOutcome,
  addLease,
  allocateCidr,
  type CidrSet,
  canonicalRangeSet,
  createCidrSet,
  createNodePorts,
  createServiceAddrs,
  deleteLease,
  type HostLocalConfig,
  type Leases,
  NO_LEASES,
  occupyCidr,
  releaseCidr,
  releaseNodePort,
  releaseServiceAddr,
  takeAnyNodePort,
  takeAnyServiceAddr,
} from "../../../src/ipam/index.js";
import { addLeaseWithoutLook } from "../../support/broken/add-lease.js";

type Add = (
  leases: Leases,
  config: HostLocalConfig,
  holder: { containerId: string; ifname: string },
) => AddOutcome;

const operations = fc.array(fc.record({ add: fc.boolean(), who: fc.integer({ min: 0, max: 9 }) }), {
  minLength: 20,
  maxLength: 60,
});

/** Plays operations and returns a sentence about the first address that two hold at once. */
function playHostLocal(add: Add, ops: readonly { add: boolean; who: number }[]) {
  const sets = [
    canonicalRangeSet([{ subnet: "10.0.0.0/29" }, { subnet: "10.0.1.0/30" }]),
    canonicalRangeSet([{ subnet: "fd00::/125" }]),
  ];
  const config = { sets, requested: [], routes: [] };
  const held = new Map<string, string>();
  let leases = NO_LEASES;
  let refusals = 0;
  for (const { add: wants, who } of ops) {
    const holder = { containerId: `pod-${who}`, ifname: "eth0" };
    if (!wants) {
      leases = deleteLease(leases, holder).leases;
      for (const [addr, by] of held) if (by === holder.containerId) held.delete(addr);
      continue;
    }
    const outcome = add(leases, config, holder);
    leases = outcome.leases;
    if (outcome.refusal !== undefined) refusals++;
    for (const { address } of outcome.ips ?? []) {
      const other = held.get(address.toString());
      if (other !== undefined) return { fault: `${address} is held by ${other}`, refusals };
      held.set(address.toString(), holder.containerId);
    }
  }
  return { fault: undefined, refusals };
}

describe("no address is held twice", () => {
  it("by host-local, under any sequence of calls", () => {
    let refusals = 0;
    fc.assert(
      fc.property(operations, (ops) => {
        const { fault, refusals: seen } = playHostLocal(addLease, ops);
        refusals += seen;
        expect(fault).toBeUndefined();
      }),
      { seed: 7, numRuns: 300 },
    );
    expect(refusals).toBeGreaterThan(500);
  });

  it("and an allocator that does not look is caught", () => {
    const run = fc.check(
      fc.property(operations, (ops) => playHostLocal(addLeaseWithoutLook, ops).fault === undefined),
      { seed: 7, numRuns: 300 },
    );
    expect(run.failed).toBe(true);
  });

  it("by the node CIDR set", () => {
    const op = fc.oneof(
      { arbitrary: fc.constant({ kind: "allocate" as const }), weight: 4 },
      fc.record({
        kind: fc.constantFrom("occupy" as const, "release" as const),
        at: fc.integer({ min: 0, max: 15 }),
      }),
    );
    let full = 0;
    fc.assert(
      fc.property(fc.array(op, { minLength: 30, maxLength: 60 }), (ops) => {
        let set: CidrSet = createCidrSet(parsePrefix("10.244.0.0/20"), 24);
        const held = new Set<string>();
        for (const one of ops) {
          if (one.kind === "allocate") {
            if (set.usedCount === set.blocks) {
              full++;
              continue;
            }
            const got = allocateCidr(set);
            expect(held.has(got.cidr.toString())).toBe(false);
            held.add(got.cidr.toString());
            set = got.set;
          } else {
            const cidr = parsePrefix(`10.244.${one.at}.0/24`);
            set = one.kind === "occupy" ? occupyCidr(set, cidr) : releaseCidr(set, cidr);
            if (one.kind === "occupy") held.add(cidr.toString());
            else held.delete(cidr.toString());
          }
          expect(set.usedCount).toBe(held.size);
        }
      }),
      { seed: 7, numRuns: 200 },
    );
    expect(full).toBeGreaterThan(0);
  });

  it("by cluster IPs and node ports", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 120 }), fc.string(), (ops, seed) => {
        const random = openRandom(seed, "ipam");
        let addrs = createServiceAddrs(parsePrefix("10.96.0.0/26"));
        let ports = createNodePorts({ first: 30000, last: 30039 });
        const heldAddrs: string[] = [];
        const heldPorts: number[] = [];
        for (const take of ops) {
          if (take && heldAddrs.length < 40) {
            const addr = takeAnyServiceAddr(addrs, random);
            const port = takeAnyNodePort(ports, random);
            expect(heldAddrs).not.toContain(addr.addr.toString());
            expect(heldPorts).not.toContain(port.port);
            heldAddrs.push(addr.addr.toString());
            heldPorts.push(port.port);
            [addrs, ports] = [addr.addrs, port.ports];
          } else if (heldAddrs.length > 0) {
            addrs = releaseServiceAddr(addrs, parsePrefix(`${heldAddrs.shift()}/32`).addr);
            ports = releaseNodePort(ports, heldPorts.shift() as number);
          }
        }
      }),
      { seed: 7, numRuns: 200 },
    );
  });
});
