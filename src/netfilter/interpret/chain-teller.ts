/** Tells a trace about one visit to a base chain: the packet first, then every rule that matched. */
import type { Origin } from "../../base/index.js";
import type { StepSink } from "../engine.js";
import type { Decider } from "../verdict.js";
import type { Ask } from "./ask.js";

/** Where a base chain stands. */
export interface ChainName {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
}

/** A rule as a trace names it. The text is made only when somebody listens. */
export interface ToldRule {
  readonly chain: string;
  readonly index: number;
  readonly text: () => string;
  readonly origin: Origin | undefined;
}

/**
 * The story of one visit. The kernel shows the packet with the first event of a base chain, as it is
 * at that moment: a rule that changed it comes before the picture.
 *
 * Follows: Linux 6.18 net/netfilter/nf_tables_trace.c `nft_trace_notify`.
 */
export class ChainTeller {
  readonly #sink: StepSink;
  readonly #base: ChainName;
  readonly #ask: Ask;
  #hasShownPacket = false;

  constructor(sink: StepSink, base: ChainName, ask: Ask) {
    this.#sink = sink?.isBrief === true ? undefined : sink;
    this.#base = base;
    this.#ask = ask;
  }

  /** Whether anybody hears what is told. */
  get listens(): boolean {
    return this.#sink !== undefined;
  }

  /** A rule matched and answered so. */
  rule(rule: ToldRule, verdict: string): void {
    if (this.#sink === undefined) return;
    this.#showPacket();
    const { family, table } = this.#base;
    const origin = rule.origin === undefined ? {} : { origin: rule.origin };
    const { chain, index } = rule;
    this.#sink({
      kind: "rule",
      family,
      table,
      chain,
      index,
      text: rule.text(),
      verdict,
      ...origin,
    });
  }

  /** The base chain ended without a decision. */
  policy(verdict: "accept" | "drop"): void {
    if (this.#sink === undefined) return;
    this.#showPacket();
    this.#sink({ kind: "policy", ...this.#base, verdict });
  }

  #showPacket(): void {
    if (this.#hasShownPacket) return;
    this.#hasShownPacket = true;
    const { hook, skb, iif, oif } = this.#ask;
    this.#sink?.({
      kind: "chain",
      ...this.#base,
      hook,
      packet: skb.packet,
      ...(iif === undefined ? {} : { iif }),
      ...(oif === undefined ? {} : { oif }),
    });
  }
}

/** The decider that a rule is. */
export function deciderOf(base: ChainName, rule: ToldRule): Decider {
  return {
    family: base.family,
    table: base.table,
    chain: rule.chain,
    ruleIndex: rule.index,
    text: rule.text(),
    ...(rule.origin === undefined ? {} : { origin: rule.origin }),
  };
}
