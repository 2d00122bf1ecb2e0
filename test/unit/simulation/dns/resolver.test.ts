import { describe, expect, test } from "vitest";
import { parseAddr } from "../../../../src/addr/index.js";
import type { DnsAnswer, Rcode } from "../../../../src/simulation/dns/record.js";
import {
  candidatesOf,
  Lookup,
  type ResolverConfig,
} from "../../../../src/simulation/dns/resolver.js";

const config: ResolverConfig = {
  servers: [parseAddr("10.96.0.10")],
  search: ["shop.svc.cluster.local", "svc.cluster.local", "cluster.local"],
  ndots: 5,
};

function answer(rcode: Rcode, addr?: string): DnsAnswer {
  const records =
    addr === undefined ? [] : [{ name: "x.", ttl: 30, type: "A" as const, addr: parseAddr(addr) }];
  return { rcode, authoritative: true, answer: records, authority: [], additional: [] };
}

describe("candidates", () => {
  test.each([
    [
      "web",
      ["web.shop.svc.cluster.local.", "web.svc.cluster.local.", "web.cluster.local.", "web."],
    ],
    ["web.", ["web."]],
    ["a.b.c.d.e.f", ["a.b.c.d.e.f.", "a.b.c.d.e.f.shop.svc.cluster.local."]],
  ])("%s", (name, expected) => {
    expect(candidatesOf(name, config).slice(0, expected.length)).toEqual(expected);
  });
});

describe("a look-up", () => {
  test("asks A and AAAA at once and goes down the search list", () => {
    const lookup = new Lookup("web.other", config);
    const first = lookup.start();
    expect(first.ask?.map((q) => `${q.name} ${q.type}`)).toEqual([
      "web.other.shop.svc.cluster.local. A",
      "web.other.shop.svc.cluster.local. AAAA",
    ]);
    const name = "web.other.shop.svc.cluster.local.";
    expect(lookup.receive({ name, type: "A" }, answer("NXDOMAIN"))).toEqual({});
    const second = lookup.receive({ name, type: "AAAA" }, answer("NXDOMAIN"));
    const next = "web.other.svc.cluster.local.";
    expect(second.ask?.[0]?.name).toBe(next);
    lookup.receive({ name: next, type: "AAAA" }, answer("NOERROR"));
    const done = lookup.receive({ name: next, type: "A" }, answer("NOERROR", "10.96.3.4"));
    expect(done.result).toMatchObject({ kind: "found", name: next });
  });

  test("says that there is no such name after the last candidate", () => {
    const lookup = new Lookup("nosuch.", config, { types: ["A"] });
    lookup.start();
    const step = lookup.receive({ name: "nosuch.", type: "A" }, answer("NXDOMAIN"));
    expect(step.result).toEqual({ kind: "no-such-name", noData: false });
  });

  test("asks silent servers twice, then gives up", () => {
    const servers = [parseAddr("10.96.0.10"), parseAddr("10.96.0.11")];
    const lookup = new Lookup("web", { ...config, servers });
    const steps = [lookup.start(), lookup.expire(), lookup.expire(), lookup.expire()];
    expect(steps.map((step) => [step.server?.toString(), step.timeoutUs])).toEqual([
      ["10.96.0.10", 5_000_000],
      ["10.96.0.11", 5_000_000],
      ["10.96.0.10", 5_000_000],
      ["10.96.0.11", 5_000_000],
    ]);
    expect(lookup.expire().result).toEqual({ kind: "try-again" });
  });

  test("ignores answers to other questions", () => {
    const lookup = new Lookup("web.", config, { types: ["A"] });
    lookup.start();
    expect(lookup.receive({ name: "evil.", type: "A" }, answer("NOERROR", "6.6.6.6"))).toEqual({});
  });
});
