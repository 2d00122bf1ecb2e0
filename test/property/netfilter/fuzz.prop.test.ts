/**
 * Law: whatever the text, a parser answers with trees or with an `InputError` that names a line, and
 * soon. `FUZZ_COUNT` says how many texts each parser is given.
 */
import { expect, test } from "vitest";
import { InputError, openRandom } from "../../../src/base/index.js";
import {
  parseIpsetSave,
  parseIptablesSave,
  parseNftRuleset,
  printIpsetSave,
  printIptablesSave,
  printNftRuleset,
} from "../../../src/netfilter/index.js";
import { mutate } from "../../support/netfilter/mutate.js";
import { IPSET_SEEDS, iptablesSeeds, nftSeeds } from "../../support/netfilter/seeds.js";

const COUNT = Number(process.env.FUZZ_COUNT ?? 3000);
const SLOW_MS = 1000;

interface Target {
  readonly name: string;
  readonly seeds: readonly string[];
  /** Reads the text, and prints it so that what was read is looked at. */
  readonly run: (text: string) => string;
}

const targets: readonly Target[] = [
  {
    name: "iptables-save",
    seeds: iptablesSeeds(),
    run: (text) => printIptablesSave(parseIptablesSave(text, { family: "ip4", file: "f" })),
  },
  {
    name: "ip6tables-save",
    seeds: iptablesSeeds("ip6tables-save-1.8.9.txt"),
    run: (text) => printIptablesSave(parseIptablesSave(text, { family: "ip6", file: "f" })),
  },
  { name: "nft", seeds: nftSeeds(), run: (text) => printNftRuleset(parseNftRuleset(text, "f")) },
  { name: "ipset", seeds: IPSET_SEEDS, run: (text) => printIpsetSave(parseIpsetSave(text, "f")) },
];

test.each(targets)(
  "spoiled texts of $name are read or refused",
  { timeout: 600_000 },
  ({ name, seeds, run }) => {
    const random = openRandom("fuzz", name);
    let read = 0;
    let refused = 0;
    for (let i = 0; i < COUNT; i++) {
      const text = mutate(seeds[i % seeds.length] as string, random);
      const start = performance.now();
      try {
        run(text);
        read++;
      } catch (error) {
        if (!(error instanceof InputError))
          throw new Error(`crashed by ${JSON.stringify(text)}`, { cause: error });
        for (const fault of error.faults) {
          if (fault.line === undefined && !fault.path)
            throw new Error(`no place: ${JSON.stringify(text)}`);
        }
        refused++;
      }
      const tookMs = performance.now() - start;
      if (tookMs > SLOW_MS) throw new Error(`${tookMs} ms for ${JSON.stringify(text)}`);
    }
    expect(read).toBeGreaterThan(COUNT / 100);
    expect(refused).toBeGreaterThan(COUNT / 100);
  },
);
