/**
 * A network from the dumps of its nodes alone. What dumps cannot tell is assumed, and every assumption
 * is said: that links with addresses of one prefix hang on one segment, that what is not told to
 * listen does not.
 */
import { addrBits, type Prefix } from "../addr/index.js";
import type { LinkConfig } from "../link/index.js";
import type { Listener, NetnsConfig } from "../netns/index.js";
import type { Trace } from "../trace/index.js";
import { Fabric } from "./fabric.js";
import { runProbe } from "./replay/probe-run.js";
import type { Got, Probe, ServerSaw } from "./replay/recording.js";
import { nameService } from "./replay/replay.js";
import type { WireEnd } from "./wiring.js";

/** A conversation in a dumped network. */
export interface DumpedAnswer {
  readonly got: Got;
  /** Every packet of it, oldest first. */
  readonly traces: readonly Trace[];
}

/** Nothing in a fabric happened before its start: the clock is far from 0, as a real one is. */
const START_US = 1_000_000_000;

/** A network that was dumped, ready to be asked. */
export class DumpedNetwork {
  /** What is taken to be so, though no dump says it. */
  readonly assumptions: readonly string[];
  readonly #fabric: Fabric;
  readonly #saw: ServerSaw[] = [];

  constructor(configs: readonly NetnsConfig[], seed = "kubewire") {
    const segments = guessSegments(configs);
    this.assumptions = [
      ...segments.map(({ ends, prefixes }) => {
        const names = ends.map(({ netns, link }) => `${link} of ${netns}`).join(", ");
        return `${names} are on one segment: their addresses are in ${prefixes.join(" and ")}`;
      }),
      ...configs
        .filter(({ listeners }) => listeners.length === 0)
        .map(({ name }) => `nothing listens in ${name}`),
    ];
    this.#fabric = new Fabric(configs, {
      seed,
      startUs: START_US,
      segments: segments.map(({ ends }) => ends),
      serve: (netns: string, listener: Listener) => nameService(netns, listener, this.#saw),
    });
  }

  /** Tries one conversation. Connection tables are empty before. */
  ask(probe: Probe): DumpedAnswer {
    const firstId = this.#fabric.journeys.nextId;
    const got = runProbe(this.#fabric, probe, this.#saw);
    return { got, traces: this.#fabric.traces(firstId) };
  }
}

interface Segment {
  readonly ends: readonly WireEnd[];
  readonly prefixes: readonly string[];
}

/** Links without another end, put together where they have addresses of one prefix. */
function guessSegments(configs: readonly NetnsConfig[]): Segment[] {
  const names = new Set(configs.map((c) => c.name));
  const groups = new Map<string, WireEnd[]>();
  for (const { name: netns, links } of configs) {
    for (const link of links.filter((l) => isLoose(l, names))) {
      for (const prefix of prefixesOf(link)) {
        const key = prefix.toString();
        groups.set(key, [...(groups.get(key) ?? []), { netns, link: link.name }]);
      }
    }
  }
  const segments = new Map<string, { ends: WireEnd[]; prefixes: string[] }>();
  for (const [prefix, ends] of groups) {
    if (new Set(ends.map(({ netns }) => netns)).size < 2) continue;
    const key = ends.map(({ netns, link }) => `${netns} ${link}`).join("\n");
    const segment = segments.get(key) ?? { ends, prefixes: [] };
    segment.prefixes.push(prefix);
    segments.set(key, segment);
  }
  return [...segments.values()];
}

function isLoose({ kind, up }: LinkConfig, names: ReadonlySet<string>): boolean {
  if (!up) return false;
  if (kind.kind === "physical") return true;
  if (kind.kind !== "veth") return false;
  return kind.peer === undefined || (kind.peer.netns !== undefined && !names.has(kind.peer.netns));
}

function prefixesOf({ addresses }: LinkConfig): Prefix[] {
  return addresses
    .filter(({ scope, address }) => {
      return scope === "global" && address.bits < addrBits(address.family);
    })
    .map(({ address }) => address.prefix());
}
