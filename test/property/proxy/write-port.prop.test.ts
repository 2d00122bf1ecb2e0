import * as fc from "fast-check";
import { expect, test } from "vitest";
import { TextBuffer } from "../../../src/base/index.js";
import { planOnNode } from "../../../src/proxy/choose/plan.js";
import { buildModel, endpointsOf, printPaddedMark } from "../../../src/proxy/index.js";
import { emitOptions } from "../../../src/proxy/iptables/compile.js";
import { emitPortRules } from "../../../src/proxy/iptables/port-rules.js";
import { type PortText, printPort } from "../../../src/proxy/iptables/restore-text.js";
import {
  chainNamesOf,
  type PortWriting,
  startPort,
  writeChains,
  writeShared,
} from "../../../src/proxy/iptables/write-port.js";
import { nftEmitOptions } from "../../../src/proxy/nftables/compile.js";
import { emitNftPort } from "../../../src/proxy/nftables/port-rules.js";
import { printNftPort } from "../../../src/proxy/nftables/write/port-text.js";
import { nftChainsOf, writeNftPort } from "../../../src/proxy/nftables/write/write-port.js";
import { anyObjects, anySettings, NODE } from "../../support/proxy/arbitrary-objects.js";
import { forgetHairpin } from "../../support/proxy/broken.js";

const OPTIONS = { seed: 1, numRuns: 400 };

interface Pair {
  readonly slow: PortText;
  readonly fast: PortText;
  readonly slowChains: readonly string[];
  readonly fastChains: readonly string[];
}

function writeAll(writing: PortWriting): PortText {
  const buffers = { chains: new TextBuffer(), rules: new TextBuffer() };
  writeChains(writing, buffers);
  return {
    ...writeShared(writing),
    chains: buffers.chains.text(),
    rules: buffers.rules.text(),
    ruleCount: buffers.rules.lineCount,
  };
}

const anyPairs = fc
  .tuple(anyObjects, anySettings, fc.boolean())
  .map(([objects, settings, brief]): readonly Pair[] => {
    const options = emitOptions(settings, NODE, brief);
    return buildModel(objects, { family: "ip4" }).services.values.flatMap((state) =>
      state.ports.map((port) => {
        const plan = planOnNode(port, endpointsOf(state, port), NODE);
        const rules = emitPortRules(plan, options);
        const writing = startPort(plan, options);
        return {
          slow: printPort(rules, printPaddedMark),
          fast: writeAll(writing),
          slowChains: rules.chains.map((c) => c.name),
          fastChains: chainNamesOf(writing),
        };
      }),
    );
  });

test("the fast writer writes what the trees print", () => {
  let ports = 0;
  const words = new Set<string>();
  fc.assert(
    fc.property(anyPairs, (pairs) => {
      for (const { slow, fast, slowChains, fastChains } of pairs) {
        ports++;
        for (const word of `${fast.filter}${fast.rules}`.split(/[\s"]/)) words.add(word);
        expect(fast).toEqual(slow);
        expect(fastChains).toEqual(slowChains);
      }
    }),
    OPTIONS,
  );
  expect(ports).toBeGreaterThan(500);
  for (const word of ["--rcheck", "--set", "--probability", "--src-type", "-i", "DROP", "REJECT"]) {
    expect(words.has(word)).toBe(true);
  }
});

test("nftables: the fast writer writes what the trees print", () => {
  const words = new Set<string>();
  const any = fc.tuple(anyObjects, anySettings);
  fc.assert(
    fc.property(any, ([objects, settings]) => {
      const print = { family: "ip4", printMark: printPaddedMark } as const;
      const emit = nftEmitOptions(settings, NODE);
      for (const state of buildModel(objects, { family: "ip4" }).services.values) {
        for (const port of state.ports) {
          const plan = planOnNode(port, endpointsOf(state, port), NODE);
          const rules = emitNftPort(plan, emit);
          const out = new TextBuffer();
          const written = writeNftPort(plan, { emit, print }, out);
          for (const word of out.text().split(/\s/)) words.add(word);
          const slow = printNftPort(rules, print);
          const { place } = written;
          expect(out.text(0, place.rules)).toBe(slow.chains.text + slow.firewall.text);
          expect(out.text(place.rules)).toBe(slow.rules.text);
          const parts = [slow.chains, slow.firewall, slow.rules];
          expect(place.operations).toBe(parts.reduce((sum, p) => sum + p.operations, 0));
          const chains = [...rules.chains, ...(rules.firewall ? [rules.firewall] : [])];
          expect(nftChainsOf(plan, emit.facts)).toEqual(chains.map((c) => c.name));
          expect(written.elements).toEqual(rules.elements);
          expect(written.affinitySets).toEqual(rules.affinitySets);
        }
      }
    }),
    OPTIONS,
  );
  for (const word of ["fib", "iifname", "update", "numgen", "drop", "!=", "goto"]) {
    expect(words.has(word)).toBe(true);
  }
});

test("a writer that forgets a rule breaks the law", () => {
  const law = fc.property(anyPairs, (pairs) =>
    pairs.every(({ slow, fast }) => forgetHairpin(fast.rules) === slow.rules),
  );
  expect(fc.check(law, OPTIONS).failed).toBe(true);
});
