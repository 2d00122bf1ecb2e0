import { describe, expect, it } from "vitest";
import { parseAddr, parseMac } from "../../../src/addr/index.js";
import { createLink, NeighborTable, NeighborTime } from "../../../src/link/index.js";

const LINK = createLink({
  index: 2,
  name: "eth0",
  mac: parseMac("02:00:00:00:00:01"),
  mtu: 1500,
  up: true,
  kind: { kind: "veth" },
  addresses: [],
});
const ADDR = parseAddr("192.0.2.9");
const MAC = parseMac("02:00:00:00:00:09");
const answer = (nowUs: number) => ({ mac: MAC, solicited: true, create: false, nowUs });

describe("a neighbour", () => {
  it("is asked for once, and its answer releases what waited, in order", () => {
    const table = new NeighborTable<string>([]);
    expect(table.resolve(LINK, ADDR, 0, "first")).toMatchObject({ kind: "waiting", ask: true });
    expect(table.resolve(LINK, ADDR, 1, "second")).toMatchObject({ kind: "waiting", ask: false });
    expect(table.learn("eth0", ADDR, answer(2))).toEqual(["first", "second"]);
    expect(table.resolve(LINK, ADDR, 3, "third")).toMatchObject({ kind: "known", mac: MAC });
  });

  it("fails after three questions, and what waited comes back", () => {
    const table = new NeighborTable<string>([]);
    const { neighbor } = table.resolve(LINK, ADDR, 0, "packet");
    expect(table.onTimer(neighbor, neighbor.generation, 1_000_000).kind).toBe("ask");
    expect(table.onTimer(neighbor, neighbor.generation, 2_000_000).kind).toBe("ask");
    const end = table.onTimer(neighbor, neighbor.generation, 3_000_000);
    expect(end).toEqual({ kind: "failed", waiting: ["packet"] });
    expect(neighbor.state).toBe("failed");
    expect(table.resolve(LINK, ADDR, 4_000_000, "again")).toMatchObject({ ask: true });
  });

  it("becomes stale, is used on trust, then asked again", () => {
    const table = new NeighborTable<string>([]);
    table.resolve(LINK, ADDR, 0, "packet");
    table.learn("eth0", ADDR, answer(0));
    const later = NeighborTime.reachableUs + 1;
    const result = table.resolve(LINK, ADDR, later, "packet");
    expect(result).toMatchObject({ kind: "known", ask: true });
    const { neighbor } = result;
    expect(neighbor.state).toBe("delay");
    expect(table.onTimer(neighbor, neighbor.generation, later + 1)).toEqual({
      kind: "ask",
      unicast: MAC,
    });
    table.learn("eth0", ADDR, answer(later + 2));
    expect(neighbor.state).toBe("reachable");
  });

  it("does not listen to a timer of an earlier state", () => {
    const table = new NeighborTable<string>([]);
    const { neighbor } = table.resolve(LINK, ADDR, 0, "packet");
    const old = neighbor.generation;
    table.learn("eth0", ADDR, answer(1));
    expect(table.onTimer(neighbor, old, 1_000_000).kind).toBe("nothing");
  });

  it("that is permanent learns nothing", () => {
    const table = new NeighborTable<string>([
      { addr: ADDR, link: "eth0", mac: MAC, state: "permanent" },
    ]);
    const other = parseMac("02:00:00:00:00:66");
    table.learn("eth0", ADDR, { mac: other, solicited: true, create: true, nowUs: 1 });
    expect(table.resolve(LINK, ADDR, 2, "packet")).toMatchObject({ kind: "known", mac: MAC });
  });

  it("is not made by an answer that nobody asked for", () => {
    const table = new NeighborTable<string>([]);
    table.learn("eth0", ADDR, answer(0));
    expect(table.find("eth0", ADDR)).toBeUndefined();
  });
});
