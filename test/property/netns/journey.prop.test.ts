import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseAddr } from "../../../src/addr/index.js";
import { Fabric } from "../../../src/fabric/index.js";
import type { Trace } from "../../../src/trace/index.js";
import { IpWorld } from "../../support/ip-world.js";
import { withoutFate, withoutTtl, withTwoFates } from "../../support/netns/broken-journey.js";
import { brokenSentences } from "../../support/netns/check-journey.js";

/** A chain of routers between two hosts, and one conversation across it. */
interface Scenario {
  readonly routers: number;
  readonly mtus: readonly number[];
  /** Router that has a rule, and the rule. */
  readonly rule: string;
  readonly at: number;
  readonly protocol: "tcp" | "udp" | "icmp";
  readonly port: number;
  readonly ttl: number;
  readonly lengthBytes: number;
}

const RULES = [
  "",
  "-A FORWARD -p udp -j DROP",
  "-A FORWARD -p tcp -j REJECT --reject-with tcp-reset",
  "-A FORWARD -m conntrack --ctstate ESTABLISHED -j DROP",
  "-t nat -A POSTROUTING -j MASQUERADE",
  "-t nat -A PREROUTING -p tcp -m tcp --dport 81 -j REDIRECT --to-ports 80",
  "-t raw -A PREROUTING -j CT --notrack",
];

const anyScenario: fc.Arbitrary<Scenario> = fc.record({
  routers: fc.integer({ min: 1, max: 3 }),
  mtus: fc.array(fc.constantFrom(1500, 1500, 1400, 1280), { minLength: 4, maxLength: 4 }),
  rule: fc.constantFrom(...RULES),
  at: fc.nat(2),
  protocol: fc.constantFrom("tcp", "udp", "icmp"),
  port: fc.constantFrom(80, 80, 81),
  ttl: fc.constantFrom(1, 2, 3, 64, 64, 64),
  lengthBytes: fc.constantFrom(8, 8, 1200, 1460),
});

/** h0 — r1 — … — rn — h(n+1); link i is 10.0.i.0/24 with .1 on the left and .2 on the right. */
function build({ routers, mtus, rule, at }: Scenario): IpWorld {
  const names = [
    "h0",
    ...Array.from({ length: routers }, (_, i) => `r${i + 1}`),
    `h${routers + 1}`,
  ];
  const commands: string[] = [];
  names.slice(1).forEach((right, i) => {
    const [left, mtu] = [names[i], mtus[i]];
    commands.push(
      `[${left}] ip link add right mtu ${mtu} type veth peer name left mtu ${mtu} netns ${right}`,
      `[${left}] ip addr add 10.0.${i}.1/24 dev right`,
      `[${right}] ip addr add 10.0.${i}.2/24 dev left`,
      `[${left}] ip link set right up`,
      `[${right}] ip link set left up`,
    );
  });
  names.forEach((name, i) => {
    for (let net = 0; net <= routers; net++) {
      if (net < i - 1) commands.push(`[${name}] ip route add 10.0.${net}.0/24 via 10.0.${i - 1}.1`);
      if (net > i) commands.push(`[${name}] ip route add 10.0.${net}.0/24 via 10.0.${i}.2`);
    }
  });
  if (rule !== "") commands.push(`[r${(at % routers) + 1}] iptables ${rule}`);
  const world = new IpWorld(commands);
  world.listen(`h${routers + 1}`, "tcp", 80);
  world.listen(`h${routers + 1}`, "udp", 80);
  return world;
}

function runScenario(scenario: Scenario): readonly Trace[] {
  const { routers, protocol, port, ttl, lengthBytes } = scenario;
  const fabric = new Fabric(build(scenario).configs(), {
    seed: "law",
    serve: () => ({
      tcp: () => ({ onEnd: (connection) => connection.close() }),
      udp: { onDatagram: ({ from, payload }, socket) => void socket.send({ to: from, payload }) },
    }),
  });
  const client = fabric.netns("h0");
  const to = { addr: parseAddr(`10.0.${routers}.2`), port };
  const payload = { kind: "filler", lengthBytes } as const;
  if (protocol === "tcp") {
    const bytes = new Uint8Array(lengthBytes);
    const onOpen = (c: { send(b: Uint8Array): void; close(): void }) => {
      c.send(bytes);
      c.close();
    };
    client.connectTcp({ to, ttl, handlers: { onOpen } });
  } else if (protocol === "udp") client.openUdp({ ttl, handlers: {} })?.send({ to, payload });
  else client.ping({ dst: to.addr, id: 1, seq: 1, ttl, lengthBytes, handlers: {} });
  fabric.advance(300_000_000);
  return fabric.traces();
}

const OPTIONS = { seed: 5, numRuns: 150 };

test("every journey is sound: one fate, a TTL that falls at routers, a time that goes on", () => {
  const fates = new Set<string>();
  let split = 0;
  fc.assert(
    fc.property(anyScenario, (scenario) => {
      for (const trace of runScenario(scenario)) {
        fates.add(trace.fate.kind);
        if (trace.hops.some((h) => h.steps.some((s) => s.kind === "fragment"))) split++;
        expect(brokenSentences(trace)).toEqual([]);
      }
    }),
    OPTIONS,
  );
  const seen = ["delivered", "consumed", "dropped", "rejected", "ttl-exceeded", "no-listener"];
  expect(seen.filter((kind) => !fates.has(kind))).toEqual([]);
  expect(split).toBeGreaterThan(3);
});

test.each([
  ["without TTL", withoutTtl],
  ["without fate", withoutFate],
  ["with two fates", withTwoFates],
])("a model %s breaks the law", (_, damage) => {
  const law = fc.property(anyScenario, (scenario) =>
    runScenario(scenario).every((trace) => brokenSentences(damage(trace)).length === 0),
  );
  expect(fc.check(law, { ...OPTIONS, numRuns: 30, endOnFailure: true }).failed).toBe(true);
});

test("the same scenario tells the same story", () => {
  fc.assert(
    fc.property(anyScenario, (scenario) => {
      const stories = [1, 2].map(() => JSON.stringify(runScenario(scenario)));
      expect(stories[0]).toBe(stories[1]);
    }),
    { ...OPTIONS, numRuns: 20 },
  );
});
