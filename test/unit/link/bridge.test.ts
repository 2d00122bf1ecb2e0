import { describe, expect, it } from "vitest";
import { BROADCAST_MAC, parseMac } from "../../../src/addr/index.js";
import { Bridge, type BridgePort, createLink, type Link } from "../../../src/link/index.js";

const A = parseMac("02:00:00:00:00:0a");
const B = parseMac("02:00:00:00:00:0b");
const BRIDGE = parseMac("02:00:00:ff:00:01");

function port(index: number, flags: Partial<BridgePort> = {}): Link {
  return createLink({
    index,
    name: `v${index}`,
    mac: parseMac(`02:00:00:00:01:0${index}`),
    mtu: 1500,
    up: true,
    kind: { kind: "veth" },
    master: "br0",
    port: { hairpin: false, isolated: false, learning: true, flood: true, ...flags },
    addresses: [],
  });
}

function bridge(ports: readonly Link[], promiscuous = false): Bridge {
  const kind = { kind: "bridge" } as const;
  const link = createLink({
    index: 9,
    name: "br0",
    mac: BRIDGE,
    mtu: 1500,
    up: true,
    kind,
    promiscuous,
    addresses: [],
  });
  return new Bridge(link, ports, []);
}

const names = (links: readonly Link[]) => links.map((l) => l.name);

describe("a bridge", () => {
  it("floods what it does not know, and forwards what it has learnt", () => {
    const [v1, v2, v3] = [port(1), port(2), port(3)] as const;
    const br = bridge([v1, v2, v3]);
    const first = br.receive(v1, A, B, 0);
    expect([first.decision, names(first.out), first.up]).toEqual(["flood", ["v2", "v3"], false]);
    const answer = br.receive(v2, B, A, 1);
    expect([answer.decision, names(answer.out)]).toEqual(["forward", ["v1"]]);
  });

  it("forgets what it learnt after 300 s", () => {
    const [v1, v2] = [port(1), port(2)] as const;
    const br = bridge([v1, v2]);
    br.receive(v1, A, BROADCAST_MAC, 0);
    expect(br.receive(v2, B, A, 300_000_000).decision).toBe("forward");
    expect(br.receive(v2, B, A, 300_000_001).decision).toBe("flood");
  });

  it("gives its own stack what is for its address or for everybody", () => {
    const [v1, v2] = [port(1), port(2)] as const;
    const br = bridge([v1, v2]);
    expect(br.receive(v1, A, BRIDGE, 0)).toEqual({ decision: "up", out: [], up: true });
    const toAll = br.receive(v1, A, BROADCAST_MAC, 0);
    expect([names(toAll.out), toAll.up]).toEqual([["v2"], true]);
  });

  it.each([
    // Where the neighbour is on the same port, only a hairpin lets the frame out again.
    { flags: {}, expected: "drop" },
    { flags: { hairpin: true }, expected: "forward" },
  ])("with $flags answers $expected for a frame that must go back", ({ flags, expected }) => {
    const v1 = port(1, flags);
    const br = bridge([v1, port(2)]);
    br.receive(v1, B, BROADCAST_MAC, 0);
    expect(br.receive(v1, A, B, 0).decision).toBe(expected);
  });

  it("keeps isolated ports apart, and only from each other", () => {
    const [v1, v2, v3] = [
      port(1, { isolated: true }),
      port(2, { isolated: true }),
      port(3),
    ] as const;
    const br = bridge([v1, v2, v3]);
    expect(names(br.receive(v1, A, BROADCAST_MAC, 0).out)).toEqual(["v3"]);
    expect(names(br.receive(v3, B, BROADCAST_MAC, 0).out)).toEqual(["v1", "v2"]);
  });

  it("takes a copy of everything while it is promiscuous", () => {
    const [v1, v2] = [port(1), port(2)] as const;
    const br = bridge([v1, v2], true);
    br.receive(v2, B, BROADCAST_MAC, 0);
    const decision = br.receive(v1, A, B, 0);
    expect([decision.decision, names(decision.out), decision.up]).toEqual([
      "forward",
      ["v2"],
      true,
    ]);
  });
});
