/**
 * Variants of the kernel model that are wrong on purpose: recordings of a real kernel must notice each.
 */
import { configsOf, type Got, type Recording, replayOn } from "../../../src/fabric/index.js";
import { HookPriority } from "../../../src/netfilter/hook.js";
import { Conntrack } from "../../../src/netfilter/index.js";

/** A wrong model: replays a recording its own way. */
export type WrongModel = (recording: Recording) => readonly Got[];

/** Errors about a connection are nobody's: the RELATED state is forgotten. */
export function withoutRelated(recording: Recording): readonly Got[] {
  const { enter } = Conntrack.prototype;
  Conntrack.prototype.enter = function (skb, sink) {
    const verdict = enter.call(this, skb, sink);
    if (skb.ctInfo === "related") Object.assign(skb, { ct: undefined, ctInfo: "invalid" });
    return verdict;
  };
  try {
    return replayOn(configsOf(recording), recording).probes;
  } finally {
    Conntrack.prototype.enter = enter;
  }
}

/** Bridged packets are shown to no rule of the IP families. */
export function withoutBrNetfilter(recording: Recording): readonly Got[] {
  const configs = configsOf(recording).map((config) => {
    const off = ["iptables", "ip6tables"].map(
      (t) => [`net.bridge.bridge-nf-call-${t}`, "0"] as const,
    );
    return { ...config, sysctls: new Map([...config.sysctls, ...off]) };
  });
  return replayOn(configs, recording).probes;
}

/** Connections are tracked last of all, after rules and translation. */
export function withWrongHookOrder(recording: Recording): readonly Got[] {
  const priorities = HookPriority as { conntrack: number };
  const { conntrack } = priorities;
  priorities.conntrack = 400;
  try {
    return replayOn(configsOf(recording), recording).probes;
  } finally {
    priorities.conntrack = conntrack;
  }
}
