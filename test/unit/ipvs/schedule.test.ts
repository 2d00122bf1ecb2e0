import { describe, expect, test } from "vitest";
import { ip4Addr, parseAddr } from "../../../src/addr/index.js";
import { maglevTable } from "../../../src/ipvs/hashing.js";
import {
  FRESH_SCHEDULER,
  type LoadOf,
  type RealServer,
  type SchedulerState,
  schedule,
  type VirtualServer,
} from "../../../src/ipvs/index.js";
import { hsiphash32 } from "../../../src/ipvs/siphash.js";

function serverOf(scheduler: string, weights: readonly number[]): VirtualServer {
  const realServers = weights.map(
    (weight, i): RealServer => ({ addr: parseAddr(`10.244.0.${i + 1}`), port: 80, weight }),
  );
  return { addr: parseAddr("10.96.0.1"), port: 80, protocol: "tcp", scheduler, realServers };
}

const IDLE: LoadOf = () => ({ active: 0, inactive: 0 });

const CLIENT = { addr: parseAddr("192.0.2.7"), port: 40000 };

/** The last parts of the addresses chosen one after the other. */
function choose(server: VirtualServer, count: number, loadOf: LoadOf = IDLE): string {
  let state: SchedulerState = FRESH_SCHEDULER;
  const chosen: string[] = [];
  for (let i = 0; i < count; i++) {
    const next = schedule(server, { client: CLIENT, loadOf }, state);
    state = next.state;
    chosen.push(next.server?.addr.toString().split(".").at(-1) ?? "-");
  }
  return chosen.join("");
}

describe("turns", () => {
  test.each([
    ["rr", [1, 1, 1], "123123"],
    // Weights do not count, but 0 does.
    ["rr", [5, 0, 1], "131313"],
    ["rr", [0, 0], "------"],
    ["rr", [], "------"],
    ["wrr", [1, 1, 1], "123123"],
    // The weight needed falls 3, 2, 1.
    ["wrr", [3, 2, 1], "112123"],
    // What divides all weights is taken out.
    ["wrr", [4, 2], "112112"],
    ["wrr", [0, 2], "222222"],
    ["wrr", [0, 0], "------"],
  ])("%s of weights %j: %s", (scheduler, weights, expected) => {
    expect(choose(serverOf(scheduler, weights), 6)).toBe(expected);
  });
});

describe("load", () => {
  const loads: LoadOf = ({ addr }) =>
    [
      { active: 3, inactive: 0 },
      { active: 2, inactive: 100 },
      { active: 4, inactive: 0 },
    ][(addr.s3 & 255) - 1] ?? { active: 0, inactive: 0 };

  test.each([
    // 3 × 256 against 2 × 256 + 100.
    ["lc", [1, 1, 1], "2"],
    ["lc", [1, 0, 1], "1"],
    ["wlc", [1, 1, 9], "3"],
    // (3 + 1) / 2 is the shortest delay.
    ["sed", [2, 1, 1], "1"],
    ["nq", [2, 1, 1], "1"],
    // The fourth is idle, however small.
    ["nq", [9, 9, 9, 1], "4"],
    ["nq", [9, 9, 9, 0], "2"],
    ["lc", [0], "-"],
  ])("%s of weights %j: %s", (scheduler, weights, expected) => {
    expect(choose(serverOf(scheduler, weights), 1, loads)).toBe(expected);
  });
});

describe("hashes", () => {
  test.each(["sh", "mh"])("%s sends a client to one server, and clients to all", (scheduler) => {
    const server = serverOf(scheduler, [1, 1, 1]);
    expect(new Set(choose(server, 5)).size).toBe(1);
    const found = new Set<string>();
    for (let i = 0; i < 200; i++) {
      const client = { addr: ip4Addr(0xc0000200 + i * 7), port: 1 };
      const { server: real } = schedule(server, { client, loadOf: IDLE }, FRESH_SCHEDULER);
      found.add(real?.addr.toString() ?? "-");
    }
    expect([...found].sort((a, b) => (a < b ? -1 : 1))).toEqual([
      "10.244.0.1",
      "10.244.0.2",
      "10.244.0.3",
    ]);
  });

  test("the port counts only when asked for", () => {
    const plain = serverOf("mh", [1, 1, 1, 1]);
    const withPort: VirtualServer = { ...plain, schedulerFlags: [2] };
    const spread = (server: VirtualServer) =>
      new Set(
        Array.from({ length: 64 }, (_, port) => {
          const client = { addr: CLIENT.addr, port };
          return schedule(
            server,
            { client, loadOf: IDLE },
            FRESH_SCHEDULER,
          ).server?.addr.toString();
        }),
      ).size;
    expect(spread(plain)).toBe(1);
    expect(spread(withPort)).toBe(4);
  });

  test("Maglev's table is shared out by weight, and losing a server moves few others", () => {
    const counts = (table: Int32Array) =>
      [0, 1, 2].map((at) => table.filter((chosen) => chosen === at).length);
    const table = maglevTable(serverOf("mh", [1, 1, 2]).realServers);
    const [a = 0, b = 0, c = 0] = counts(table);
    expect(Math.abs(a - b)).toBeLessThanOrEqual(2);
    expect(Math.abs(c - 2 * a)).toBeLessThanOrEqual(4);
    const even = maglevTable(serverOf("mh", [1, 1, 1]).realServers);
    const fewer = maglevTable(serverOf("mh", [1, 1]).realServers);
    const moved = even.filter((at, i) => at < 2 && fewer[i] !== at).length;
    expect(moved).toBeLessThan(600);
  });

  test("hsiphash has the rounds of SipHash-1-3", () => {
    // A change of one bit changes about half of the bits.
    const bits = (n: number) => n.toString(2).replaceAll("0", "").length;
    const flips = Array.from({ length: 32 }, (_, i) =>
      bits((hsiphash32(1 << i, 2654435761n) ^ hsiphash32(0, 2654435761n)) >>> 0),
    );
    expect(Math.min(...flips)).toBeGreaterThan(6);
    expect(Math.max(...flips)).toBeLessThan(27);
  });
});

test("a scheduler that is not modelled is named", () => {
  expect(() => choose(serverOf("lblc", [1]), 1)).toThrow("scheduler lblc");
});
