import { describe, expect, test } from "vitest";
import { ip4Addr, parseAddr } from "../../../../src/addr/index.js";
import { type Candidate, openScheduler } from "../../../../src/ipvs/index.js";
import { maglevTable } from "../../../../src/ipvs/schedule/hashing.js";
import { hsiphash32 } from "../../../../src/ipvs/schedule/siphash.js";

type Load = Pick<Candidate, "active" | "inactive">;

const IDLE: Load = { active: 0, inactive: 0 };

function serversOf(weights: readonly number[], loads: readonly Load[] = []): Candidate[] {
  return weights.map((weight, i) => ({
    addr: parseAddr(`10.244.0.${i + 1}`),
    port: 80,
    weight,
    lastWeight: weight,
    ...(loads[i] ?? IDLE),
  }));
}

const CLIENT = { addr: parseAddr("192.0.2.7"), port: 40000 };

/** The places chosen one after the other, from 1. */
function choose(name: string, servers: readonly Candidate[], count: number): string {
  const scheduler = openScheduler(name, [], servers);
  const chosen = Array.from({ length: count }, () => scheduler.choose(CLIENT));
  return chosen.map((at) => (at === undefined ? "-" : at + 1)).join("");
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
  ])("%s of weights %j: %s", (name, weights, expected) => {
    expect(choose(name, serversOf(weights), 6)).toBe(expected);
  });

  test("rr stays with its real server while others come and go", () => {
    const servers = serversOf([1, 1, 1]);
    const scheduler = openScheduler("rr", [], servers);
    expect([scheduler.choose(CLIENT), scheduler.choose(CLIENT)]).toEqual([0, 1]);
    const [, second] = servers;
    servers.unshift(...serversOf([1]));
    scheduler.changed({ kind: "added" });
    expect(servers[scheduler.choose(CLIENT) ?? -1]?.addr.toString()).toBe("10.244.0.3");
    const at = servers.indexOf(second as Candidate);
    servers.splice(at, 1);
    scheduler.changed({ kind: "removed", at });
    // The head of the list is next.
    expect(scheduler.choose(CLIENT)).toBe(0);
  });

  test("wrr begins at the head again when its list changes", () => {
    const servers = serversOf([2, 1]);
    const scheduler = openScheduler("wrr", [], servers);
    expect(Array.from({ length: 3 }, () => scheduler.choose(CLIENT))).toEqual([0, 0, 1]);
    servers.unshift(...serversOf([1]));
    scheduler.changed({ kind: "added" });
    // The weight needed stays at 1: all three in turn, then the heaviest again.
    const next = Array.from({ length: 4 }, () => scheduler.choose(CLIENT));
    expect(next).toEqual([0, 1, 2, 1]);
  });
});

describe("load", () => {
  const loads: readonly Load[] = [
    { active: 3, inactive: 0 },
    { active: 2, inactive: 100 },
    { active: 4, inactive: 0 },
  ];

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
  ])("%s of weights %j: %s", (name, weights, expected) => {
    expect(choose(name, serversOf(weights, loads), 1)).toBe(expected);
  });
});

describe("hashes", () => {
  test.each(["sh", "mh"])("%s sends a client to one server, and clients to all", (name) => {
    const servers = serversOf([1, 1, 1]);
    const scheduler = openScheduler(name, [], servers);
    expect(new Set(choose(name, servers, 5)).size).toBe(1);
    const found = new Set<number | undefined>();
    for (let i = 0; i < 200; i++) {
      found.add(scheduler.choose({ addr: ip4Addr(0xc0000200 + i * 7), port: 1 }));
    }
    expect([...found].sort((a = -1, b = -1) => a - b)).toEqual([0, 1, 2]);
  });

  test.each(["sh", "mh"])("%s looks at the port only when asked to", (name) => {
    const spread = (flags: readonly number[]) => {
      const scheduler = openScheduler(name, flags, serversOf([1, 1, 1, 1]));
      const ports = Array.from({ length: 64 }, (_, port) => port);
      return new Set(ports.map((port) => scheduler.choose({ addr: CLIENT.addr, port }))).size;
    };
    expect(spread([])).toBe(1);
    expect(spread([2])).toBe(4);
  });

  test.each(["sh", "mh"])("%s gives a quiet server's clients to others only if told to", (name) => {
    const quiet = serversOf([1, 1]).map((s, at) => (at === 0 ? { ...s, weight: 0 } : s));
    const clients = Array.from({ length: 40 }, (_, i) => ({
      addr: ip4Addr(0xc0000200 + i),
      port: 1,
    }));
    const ask = (flags: readonly number[]) => {
      const scheduler = openScheduler(name, flags, quiet);
      return clients.map((client) => scheduler.choose(client));
    };
    expect(new Set(ask([]))).toEqual(new Set([undefined, 1]));
    expect(new Set(ask([1]))).toEqual(new Set([1]));
  });

  test("Maglev's table is shared out by weight, and losing a server moves few others", () => {
    const counts = (table: Int32Array) =>
      [0, 1, 2].map((at) => table.filter((chosen) => chosen === at).length);
    const table = maglevTable(serversOf([1, 1, 2]));
    const [a = 0, b = 0, c = 0] = counts(table);
    expect(Math.abs(a - b)).toBeLessThanOrEqual(2);
    expect(Math.abs(c - 2 * a)).toBeLessThanOrEqual(4);
    const even = maglevTable(serversOf([1, 1, 1]));
    const fewer = maglevTable(serversOf([1, 1]));
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
  expect(() => choose("lblc", serversOf([1]), 1)).toThrow("scheduler lblc");
});
