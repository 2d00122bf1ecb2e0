import { existsSync, readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  parseIpsetSave,
  parseIptablesSave,
  parseNftJson,
  parseNftRuleset,
  printIpsetSave,
  printIptablesSave,
  printNftRuleset,
} from "../../src/netfilter/index.js";
import { type NetnsDump, parseNetnsDump, printIpJson, renderNetns } from "../../src/netns/index.js";
import { RealNetns, whyNoKernel } from "../support/kernel/netns.js";

const VECTORS = "../shared/vectors";
const SUITES = ["kernel", "kernel-tunnels"];
const whyNoVectors = existsSync(VECTORS) ? undefined : "the vectors are missing";
const why = whyNoVectors ?? whyNoKernel();

interface Dumped {
  readonly place: string;
  readonly dump: NetnsDump;
}

function* dumps(): Generator<Dumped> {
  for (const suite of SUITES) {
    const names = readdirSync(`${VECTORS}/${suite}`).filter((name) => name.endsWith(".json"));
    for (const name of names) {
      const recording = JSON.parse(readFileSync(`${VECTORS}/${suite}/${name}`, "utf8"));
      for (const [netns, dump] of Object.entries(
        recording.namespaces as Record<string, NetnsDump>,
      )) {
        yield { place: `${name} ${netns}`, dump };
      }
    }
  }
}

const AGAIN = {
  iptables: (text: string) => printIptablesSave(parseIptablesSave(text, { family: "ip4" })),
  ip6tables: (text: string) => printIptablesSave(parseIptablesSave(text, { family: "ip6" })),
  ipset: (text: string) => printIpsetSave(parseIpsetSave(text)),
  nft: (text: string) => printNftRuleset(parseNftRuleset(text)),
} as const;

describe.skipIf(whyNoVectors !== undefined)("texts of the recorded dumps", () => {
  test("print(parse(text)) is a fixed point", () => {
    let texts = 0;
    for (const { place, dump } of dumps()) {
      const config = parseNetnsDump(place, dump);
      for (const what of ["iptables", "ip6tables", "ipset", "nft"] as const) {
        const text = renderNetns(config, what);
        if (text === "") continue;
        texts++;
        expect(AGAIN[what](text), `${place} ${what}`).toBe(text);
      }
    }
    expect(texts).toBeGreaterThan(400);
  });

  test("print(parse(dump)) is a fixed point of links, routes, rules, neighbours and sysctls", () => {
    let namespaces = 0;
    const seen = { vxlan: 0, bridge: 0, rules: 0, neighbors: 0, routes6: 0 };
    for (const { place, dump } of dumps()) {
      const parsed = parseNetnsDump(place, withoutTexts(dump));
      const printed = printIpJson(parsed);
      const again = parseNetnsDump(place, printed);
      expect(again, place).toEqual(parsed);
      expect(printIpJson(again), place).toEqual(printed);
      namespaces++;
      for (const { kind } of parsed.links) {
        if (kind.kind === "vxlan" || kind.kind === "bridge") seen[kind.kind]++;
      }
      if (parsed.rules.length > 5) seen.rules++;
      if (parsed.neighbors.length > 0) seen.neighbors++;
      if (parsed.routes.some(({ family }) => family === "ip6")) seen.routes6++;
    }
    expect(namespaces).toBeGreaterThan(1000);
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(10);
  });

  test("the JSON of nft is read as its text is, but for what nft 1.0.6 leaves out of it", () => {
    // Comments of tables, chains and sets, and the flag `dynamic`.
    const told = (text: string) =>
      text.replaceAll(/^\t{1,2}comment ".*"\n/gm, "").replaceAll("flags dynamic,", "flags ");
    let rulesets = 0;
    for (const { place, dump } of dumps()) {
      if (dump.nft_json === undefined || !dump.nft?.includes("table")) continue;
      const { ip_link } = dump;
      const text = parseNetnsDump(place, { ip_link, nft: dump.nft }).nftables;
      const json = parseNetnsDump(place, { ip_link, nft_json: dump.nft_json }).nftables;
      const own = (all: typeof text) => ({
        tables: all.tables.filter(({ name }) => !/^(filter|nat|mangle|raw|security)$/.test(name)),
      });
      if (own(text).tables.length === 0) continue;
      rulesets++;
      expect(told(printNftRuleset(own(json))), place).toBe(told(printNftRuleset(own(text))));
    }
    expect(rulesets).toBeGreaterThan(50);
    expect(parseNftJson({ nftables: [] })).toEqual({ tables: [] });
  });
});

/** A dump without netfilter's texts, which have a law of their own. */
function withoutTexts(dump: NetnsDump): NetnsDump {
  const { iptables_save, ip6tables_save, ipset_save, nft, nft_json, ipvs, ...rest } = dump;
  return rest;
}

describe.skipIf(why !== undefined)(`the real tools (${why ?? "here"})`, () => {
  let netns: RealNetns;
  beforeAll(() => {
    netns = new RealNetns(`kw-texts-${process.pid}`);
  });
  afterAll(() => netns?.close());

  test("take what is printed of every recorded dump", () => {
    const seen = new Set<string>();
    let taken = 0;
    let ownListings = 0;
    for (const { place, dump } of dumps()) {
      const config = parseNetnsDump(place, dump);
      const text = (what: Parameters<typeof renderNetns>[1]) => renderNetns(config, what);
      const sets = text("ipset");
      const all = [sets, text("iptables"), text("ip6tables"), text("nft")].join("\n");
      if (seen.has(all)) continue;
      seen.add(all);
      const take = (program: string, args: readonly string[], input: string, listed = "") => {
        if (input === "") return;
        const refusal = refusalOf(netns, program, args, input);
        if (refusal === undefined) taken++;
        else {
          // nft 1.0.6 takes less than it lists: what it says to its own listing, it says to ours.
          expect(refusal, `${place}: ${program}`).toBe(refusalOf(netns, program, args, listed));
          ownListings++;
        }
      };
      // Rules name sets, which must be there even to be looked at.
      take("ipset", ["restore"], sets);
      take("iptables-restore", ["--test"], text("iptables"));
      take("ip6tables-restore", ["--test"], text("ip6tables"));
      take("nft", ["-c", "-f", "-"], text("nft"), dump.nft);
      if (sets !== "") netns.run("ipset", ["destroy"]);
    }
    expect(taken).toBeGreaterThan(350);
    expect(ownListings).toBeLessThan(10);
  }, 300_000);
});

/** The reasons a tool gives for refusing a text, without places; undefined if it takes it. */
function refusalOf(netns: RealNetns, program: string, args: readonly string[], input: string) {
  try {
    netns.run(program, args, input);
    return undefined;
  } catch (error) {
    const lines = String((error as { stderr?: unknown }).stderr).split("\n");
    return lines.map((line) => line.replace(/^\S+:\d+:\S+ /, "")).join("\n");
  }
}
