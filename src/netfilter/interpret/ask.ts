/** One question to netfilter: a packet at a hook, with all that rules may look at or change. */
import type { Conntrack } from "../conntrack/conntrack.js";
import type { EngineOptions } from "../engine.js";
import type { Hook, NfFamily } from "../hook.js";
import type { Nat } from "../nat/nat.js";
import type { IpsetStore } from "../sets/ipset-store.js";
import type { Skb } from "../skb.js";
import type { RuleMemory } from "./rule-memory.js";

/** What the rules of one namespace share. */
export interface Runtime {
  readonly options: EngineOptions;
  readonly conntrack: Conntrack;
  readonly nat: Nat;
  readonly sets: IpsetStore;
  readonly memory: RuleMemory;
}

/** One packet at one hook. */
export interface Ask {
  readonly runtime: Runtime;
  readonly skb: Skb;
  readonly family: NfFamily;
  readonly hook: Hook;
  /** Links as this hook sees them (`nf_hook_state.in`, `.out`); not what the record knows besides. */
  readonly iif: string | undefined;
  readonly oif: string | undefined;
  /** Set when something had to be evaluated that is not modelled: the packet's fate is unknown. */
  unmodelled: string | undefined;
}

/**
 * Makes the question of a hook. Before routing there is no way out, after local processes no way in.
 *
 * Follows: Linux 6.18 net/ipv4/ip_input.c, ip_forward.c, ip_output.c: the `NF_HOOK` calls.
 */
export function createAsk(runtime: Runtime, family: NfFamily, hook: Hook, skb: Skb): Ask {
  const hidesIn = hook === "output" || hook === "egress";
  const hidesOut = hook === "prerouting" || hook === "input" || hook === "ingress";
  return {
    runtime,
    skb,
    family,
    hook,
    iif: hidesIn ? undefined : skb.iif,
    oif: hidesOut ? undefined : skb.oif,
    unmodelled: undefined,
  };
}
