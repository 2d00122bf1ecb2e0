/**
 * What kube-proxy's modes send is taken by the real tools, run after run, and what the kernel lists
 * afterwards parses back to the trees we compile: random histories in every release, and the recorded
 * clusters of both families.
 *
 * A share of the recorded clusters is replayed as a rule. `KUBEWIRE_PROXY_TEXTS=all` replays them all,
 * and any other value names a folder of such files to be replayed instead.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { ProxyObjects, ProxySettings } from "../../src/proxy/index.js";
import { nodeOf, settingsOf, type VectorConfig } from "../conformance/kubeproxy/setup.js";
import { RealNetns, whyNoKernel } from "../support/kernel/netns.js";
import { anyObjects, anySettings, NODE } from "../support/proxy/arbitrary-objects.js";
import { type ProxyHistory, type Replayed, replayOnKernel } from "../support/proxy/real-replay.js";

const HISTORIES = 6;

const RANDOM: readonly ProxyHistory[] = fc
  .sample(
    fc.record({
      settings: anySettings,
      node: fc.constant(NODE),
      steps: fc.array(anyObjects, { minLength: 3, maxLength: 3 }),
    }),
    { seed: 7, numRuns: HISTORIES },
  )
  .map(({ settings, ...rest }) => ({ settings: withoutCounters(settings), ...rest }));

const CHOICE = process.env.KUBEWIRE_PROXY_TEXTS;
const VECTORS = "../shared/vectors/kubeproxy/clusters";
const FOLDER = CHOICE === undefined || CHOICE === "all" ? VECTORS : CHOICE;
/** Of the recorded clusters every twelfth is replayed as a rule. */
const SHARE = 12;

/** This kernel may be without nfacct, so counting is left out. */
function withoutCounters(settings: ProxySettings): ProxySettings {
  return { ...settings, iptables: { ...settings.iptables, nfacctCounters: false } };
}

function readHistory(file: string): ProxyHistory {
  const { config, steps } = JSON.parse(readFileSync(`${FOLDER}/${file}`, "utf8")) as {
    readonly config: VectorConfig;
    readonly steps: readonly ProxyObjects[];
  };
  return { settings: withoutCounters(settingsOf(config)), node: nodeOf(config), steps };
}

let made = 0;

function replay(history: ProxyHistory): Replayed {
  const netns = new RealNetns(`kw-proxy-${process.pid}-${made++}`);
  try {
    const replayed = replayOnKernel(netns, history);
    expect(replayed.iptables[1]).toEqual(replayed.iptables[0]);
    expect(replayed.nftables[1]).toEqual(replayed.nftables[0]);
    return replayed;
  } finally {
    netns.close();
  }
}

const why = whyNoKernel();

test.skipIf(why !== undefined)("the real tools take every text, and list our trees", () => {
  const all = RANDOM.map(replay);
  const count = (part: (replayed: Replayed) => object) =>
    all.reduce((sum, replayed) => sum + Object.keys(part(replayed)).length, 0);
  expect(count((r) => r.iptables[0])).toBeGreaterThan(100);
  expect(count((r) => r.nftables[0])).toBeGreaterThan(100);
  // Another history's trees would be noticed.
  expect(all[1]?.iptables[1]).not.toEqual(all[0]?.iptables[0]);
  expect(all[1]?.nftables[1]).not.toEqual(all[0]?.nftables[0]);
});

test.skipIf(why !== undefined || !existsSync(FOLDER))(
  "those of the recorded clusters, too",
  { timeout: 3_600_000 },
  () => {
    const files = readdirSync(FOLDER).filter((file) => file.endsWith(".json"));
    const chosen = CHOICE === undefined ? files.filter((_, i) => i % SHARE === 0) : files;
    const families = { ip4: 0, ip6: 0 };
    for (const file of chosen) {
      const history = readHistory(file);
      families[history.settings.family] += replay(history).texts;
    }
    if (CHOICE !== undefined)
      process.stdout.write(`${JSON.stringify({ chosen: chosen.length, families })}\n`);
    expect(families.ip4).toBeGreaterThan(0);
    expect(families.ip6).toBeGreaterThan(0);
  },
);
