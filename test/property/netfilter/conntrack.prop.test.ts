import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAddr, parseRange } from "../../../src/addr/index.js";
import {
  equalTuples,
  invertTuple,
  readTuple,
  type Tuple,
} from "../../../src/netfilter/conntrack/tuple.js";
import type { Packet } from "../../../src/wire/index.js";
import {
  CarelessRouter,
  invertWithoutPorts,
  OneWayRouter,
} from "../../support/broken-conntrack.js";
import { endsOf, icmp, Router, tcp, udp } from "../../support/connections.js";

const seed = 20261123;

const port = fc.constantFrom(53, 80, 600, 5000, 5001, 40000);
const pod = fc.constantFrom("10.2.0.1", "10.2.0.2", "10.2.0.3", "192.168.0.10");
const far = fc.constantFrom("8.8.8.8", "10.96.0.1", "10.96.0.2", "10.2.0.2");

/** A packet that opens a flow. */
const opening: fc.Arbitrary<Packet> = fc
  .record({
    src: pod,
    dst: far,
    sport: port,
    dport: port,
    kind: fc.constantFrom("tcp", "udp", "icmp"),
  })
  .map(({ src, dst, sport, dport, kind }) => {
    if (kind === "icmp") return icmp(src, dst, 8, { id: sport });
    if (kind === "tcp") return tcp(`${src}:${sport}`, `${dst}:${dport}`, "S", { seq: sport });
    return udp(`${src}:${sport}`, `${dst}:${dport}`);
  });

/** Text that is equal for equal tuples and for no others. */
function tupleKey(tuple: Tuple): string {
  const icmp = tuple.icmp === undefined ? "" : `/${tuple.icmp.type}.${tuple.icmp.code}`;
  const ends = `${tuple.src.key()}>${tuple.dst.key()}`;
  return `${tuple.protocol}/${tuple.zone}/${tuple.sport}/${tuple.dport}${icmp}/${ends}`;
}

/** The packet that would answer what came out of the router. */
function answerTo(packet: Packet): Packet {
  const { src, dst, payload } = packet;
  const turned = { ...packet, src: dst, dst: src };
  if (payload.kind === "icmp") return { ...turned, payload: { ...payload, type: 0 } };
  if (payload.kind !== "tcp" && payload.kind !== "udp") return turned;
  const ends = { sport: payload.dport, dport: payload.sport };
  if (payload.kind === "udp") return { ...turned, payload: { ...payload, ...ends } };
  const numbers = { flags: 0x12, seq: 77, ack: (payload.seq + 1) >>> 0 };
  return { ...turned, payload: { ...payload, ...ends, ...numbers } };
}

/** Gives a router the rules of a small cluster: two VIPs, masquerade of pods. */
function configure(router: Router): void {
  for (const [vip, to] of [
    ["10.96.0.1", "10.2.0.2"],
    ["10.96.0.2", "10.2.0.2-10.2.0.3"],
  ] as const) {
    router.rules.push({
      hook: "prerouting",
      matches: (packet) => packet.dst.toString() === vip,
      request: { kind: "DNAT", addrs: parseRange(to) },
    });
  }
  router.rules.push({
    hook: "postrouting",
    matches: ({ src, dst }) =>
      src.toString().startsWith("10.2.") && !dst.equals(parseAddr("10.2.0.2")),
    request: { kind: "MASQUERADE" },
  });
}

/** Counts how often NAT changed something, so that a law shows it saw variety. */
interface Seen {
  translated: number;
  plain: number;
  dropped: number;
}

/** Sends openings; an answer to what came out must come back as an answer to what went in. */
function checkRoundTrips(router: Router, packets: readonly Packet[], seen: Seen): boolean {
  return packets.every((packet) => {
    const out = router.forward(packet);
    if (out === undefined) {
      seen.dropped++;
      return true;
    }
    if (endsOf(out.packet) === endsOf(packet)) seen.plain++;
    else seen.translated++;
    const back = router.forward(answerTo(out.packet));
    return back !== undefined && endsOf(back.packet) === endsOf(answerTo(packet));
  });
}

function noTupleTwice(router: Router): boolean {
  const keys = [...router.conntrack.table.entries()].flatMap((entry) => {
    const reply = tupleKey(entry.reply);
    const original = tupleKey(entry.original);
    return original === reply || entry.status.natClash ? [reply] : [original, reply];
  });
  return new Set(keys).size === keys.length;
}

const flows = fc.array(opening, { minLength: 1, maxLength: 40 });

function run(make: () => Router, law: (router: Router, packets: Packet[]) => boolean): void {
  const property = fc.property(flows, (packets) => {
    const router = make();
    configure(router);
    return law(router, packets);
  });
  fc.assert(property, { seed, numRuns: 200 });
}

describe("laws of conntrack and NAT", () => {
  test("the answer of the answer is the packet", () => {
    const kinds = new Set<number>();
    const law = (invert: (tuple: Tuple) => Tuple | undefined) =>
      fc.property(opening, (packet) => {
        const tuple = readTuple(packet, 0);
        if (tuple === undefined) return false;
        kinds.add(tuple.protocol);
        const answer = invert(tuple);
        const read = readTuple(answerTo(packet), 0);
        const twice = answer === undefined ? undefined : invert(answer);
        if (answer === undefined || read === undefined || twice === undefined) return false;
        return equalTuples(answer, read) && equalTuples(twice, tuple);
      });
    fc.assert(
      law((tuple) => invertTuple(tuple)),
      { seed },
    );
    expect(kinds).toEqual(new Set([1, 6, 17]));
    expect(() => fc.assert(law(invertWithoutPorts), { seed })).toThrow();
  });

  test("NAT, then the answer's NAT, is identity", () => {
    const seen: Seen = { translated: 0, plain: 0, dropped: 0 };
    run(
      () => new Router(),
      (router, packets) => checkRoundTrips(router, packets, seen),
    );
    expect(seen.translated).toBeGreaterThan(500);
    expect(seen.plain).toBeGreaterThan(100);
    const broken = () =>
      run(
        () => new OneWayRouter(),
        (router, packets) => checkRoundTrips(router, packets, seen),
      );
    expect(broken).toThrow();
  });

  test("no two connections share a tuple, and no packet is lost to a clash", () => {
    let entries = 0;
    const law = (router: Router, packets: Packet[]) => {
      const passed = packets.every((packet) => router.forward(packet) !== undefined);
      entries += router.conntrack.table.count;
      return passed && noTupleTwice(router);
    };
    run(() => new Router(), law);
    expect(entries).toBeGreaterThan(1000);
    expect(() => run(() => new CarelessRouter(), law)).toThrow();
  });

  test("a table restored from its snapshot answers as the table did", () => {
    run(
      () => new Router(),
      (router, packets) => {
        const half = packets.length >> 1;
        for (const packet of packets.slice(0, half)) router.forward(packet);
        const saved = router.conntrack.save();
        const again = new Router();
        configure(again);
        again.conntrack.restore(saved);
        const rest = packets.slice(0, half);
        return rest.every(
          (p) => endsOf(router.forward(p)?.packet) === endsOf(again.forward(p)?.packet),
        );
      },
    );
  });
});
