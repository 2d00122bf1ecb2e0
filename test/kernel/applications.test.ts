/**
 * Real applications: they load without a fault, and every rule text rendered for them is taken by the
 * real tools, on every node, in both families.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Family } from "../../src/addr/index.js";
import { readManifests } from "../../src/cli/files.js";
import { Cluster } from "../../src/cluster/index.js";
import { printIpsetSave, printIptablesSave } from "../../src/netfilter/index.js";
import { tryLoadManifests } from "../../src/objects/index.js";
import { RealNetns, whyNoKernel } from "../support/kernel/netns.js";
import { ROOT } from "../tidy/source.js";

const INPUTS = join(ROOT, "../shared/inputs");
const APPLICATIONS = ["online-boutique", "kube-prometheus", "argo-cd"];
const FAMILIES: readonly Family[][] = [["ip4"], ["ip6"], ["ip4", "ip6"]];
const why =
  whyNoKernel() ?? (existsSync(INPUTS) ? undefined : "no applications beside this repository");

describe.skipIf(!existsSync(INPUTS)).each(APPLICATIONS)("%s", (name) => {
  it("loads without a fault, and other kinds are counted", () => {
    const { faults, objects, others } = tryLoadManifests(readManifests([join(INPUTS, name)]));
    expect(faults).toEqual([]);
    expect(objects.length).toBeGreaterThan(10);
    expect(others.every(({ count }) => count > 0)).toBe(true);
  });
});

describe.skipIf(why !== undefined)(`rules on a real kernel (${why ?? "here"})`, () => {
  let netns: RealNetns;
  beforeAll(() => {
    netns = new RealNetns("kw-applications");
  });
  afterAll(() => netns.close());

  const cases = APPLICATIONS.flatMap((name) =>
    FAMILIES.map((families) => [name, families.join("+"), families] as const),
  );

  it.each(cases)(
    "%s over %s is accepted by iptables-restore, as a test and in earnest",
    (name, _, families) => {
      const { objects } = tryLoadManifests(readManifests([join(INPUTS, name)]));
      const cluster = Cluster.create({ nodes: 3, families }).apply(objects.map((o) => o.object));
      let rules = 0;
      for (const config of cluster.compile().netns.values()) {
        if (config.ipsets.length > 0)
          netns.run("ipset", ["restore", "-!"], printIpsetSave(config.ipsets));
        for (const ruleset of [config.iptables, config.ip6tables]) {
          const text = printIptablesSave(ruleset);
          const tool = ruleset.family === "ip4" ? "iptables-restore" : "ip6tables-restore";
          expect(netns.run(tool, ["--test"], text)).toBe("");
          expect(netns.run(tool, [], text)).toBe("");
          rules += text.split("\n-A ").length - 1;
        }
      }
      expect(rules).toBeGreaterThan(100);
    },
  );

  it("a text with a fault would be refused", () => {
    expect(() =>
      netns.run("iptables-restore", ["--test"], "*nat\n-A OUTPUT --dport x\nCOMMIT\n"),
    ).toThrow();
  });
});
