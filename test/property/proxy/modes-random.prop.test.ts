/**
 * The three modes of kube-proxy send a packet to the same set of possible endpoints, with the same source
 * addresses, save for the rows of `src/proxy/modes.md`: random clusters whose Services have up to four
 * endpoints in any condition, compiled and run by the kernel model in each mode. `MODE_CLUSTERS` says how
 * many clusters, `MODE_SEED` which.
 */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Break } from "../../support/proxy/mode-clusters/ask.js";
import {
  type ModeCase,
  modeCase,
  type ProbeSpec,
  type ServiceSpec,
} from "../../support/proxy/mode-clusters/cluster.js";
import { compareModes, newTally, type Tally } from "../../support/proxy/mode-clusters/compare.js";
import { MODE_ROWS } from "../../support/proxy/mode-rows.js";

const CLUSTERS = Number(process.env["MODE_CLUSTERS"] ?? 8);
const SEED = Number(process.env["MODE_SEED"] ?? 6);

/** A pod on node-1 and two on node-2, in front of one load balancer's Service. */
function smallCase(service: Partial<ServiceSpec>, probe: Partial<ProbeSpec>): ModeCase {
  const pods = [0, 1, 1].map((node) => ({ node, onHost: false }));
  const plain: ServiceSpec = {
    ...{ type: "LoadBalancer", protocol: "TCP", distribution: undefined },
    ...{ internalLocal: false, externalLocal: false, affinity: false },
    ...{ externalIP: true, ranges: false, endpoints: [] },
  };
  const asks: ProbeSpec = { from: 0, service: 0, to: "load balancer", node: 0, isOff: false };
  return {
    ...{ nodes: 2, family: "ip4", network: "bridge", pods },
    ...{ services: [{ ...plain, ...service }], probes: [{ ...asks, ...probe }] },
  };
}

const ON_NODE_2 = { pod: 1, ready: true, serving: true, terminating: false, zone: undefined };

/** Clusters that meet the rows which no recorded one meets, by name. */
const ROW_CASES: Readonly<Record<string, ModeCase>> = {
  "a port the Service does not have, on an external address": smallCase(
    { endpoints: [ON_NODE_2] },
    { isOff: true },
  ),
  "a cluster IP alone with policy Local, endpoints only on other nodes": smallCase(
    { type: "ClusterIP", externalIP: false, internalLocal: true, endpoints: [ON_NODE_2] },
    { to: "cluster IP" },
  ),
  "load balancer with source ranges, sender outside them, no endpoints": smallCase(
    { ranges: true },
    {},
  ),
  "a client on the nodes' own segment asks an external address of a Service without endpoints":
    smallCase({}, { from: 5, to: "external IP" }),
};

function law(tally: Tally, broken?: Break): fc.IPropertyWithHooks<[ModeCase]> {
  return fc.property(modeCase, (one) => {
    const [first] = compareModes(one, tally, broken);
    if (first === undefined) return;
    const { probe, asked } = first.probe;
    const endpoints = [...asked.endpoints];
    const parts = [probe, { ...asked, endpoints }].map((part) => JSON.stringify(part));
    throw new Error([...parts, ...first.texts].join("\n"));
  });
}

describe("kube-proxy's modes on random clusters", () => {
  test("have the same possible endpoints and source addresses, but for the rows", () => {
    const tally = newTally();
    fc.assert(law(tally), { seed: SEED, numRuns: CLUSTERS });
    if (CLUSTERS > 8) console.log(JSON.stringify({ ...tally, rows: [...tally.rows] }, null, 1));
    expect(tally.probes).toBeGreaterThan(CLUSTERS * 3);
    expect(tally.several).toBeGreaterThan(0);
    expect(tally.rows.size).toBeGreaterThan(1);
  }, 3_600_000);

  test("rows that no recorded cluster meets are met by a cluster of their own", () => {
    const rows = MODE_ROWS.filter(({ isUnrecorded }) => isUnrecorded === true);
    expect(Object.keys(ROW_CASES)).toEqual(rows.map(({ name }) => name));
    for (const [name, one] of Object.entries(ROW_CASES)) {
      const tally = newTally();
      expect([name, compareModes(one, tally)]).toEqual([name, []]);
      expect([...tally.rows]).toEqual([[name, 1]]);
    }
  }, 60_000);

  test("a mode that forgets to translate the source is noticed", () => {
    const forgets: Break = (got) => ({
      ...got,
      server_saw: got.server_saw.map((saw) => ({ ...saw, peer: "192.0.2.99" })),
    });
    const found = fc.check(law(newTally(), forgets), {
      ...{ seed: SEED, numRuns: CLUSTERS, endOnFailure: true },
    });
    expect(found.failed).toBe(true);
  }, 120_000);
});
