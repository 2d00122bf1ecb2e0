/** Comparing what became of packets. */
import type { Flow, Traced } from "./iptables-trace.js";

/** A flow of the files of kube-proxy's own tests. */
export interface UnitFlow extends Flow {
  readonly name: string;
  readonly masq: boolean;
  readonly rawOutput: string;
}

/** What a mode answered in the random clusters. */
export interface ClusterAnswer {
  readonly kind: string;
  readonly masq: boolean;
  readonly targets?: readonly string[];
  readonly then?: string;
}

/** Compares with an upstream test's expectation. */
export function compareUnitFlow(traced: Traced, flow: UnitFlow): string | undefined {
  const ours = `${traced.outputs.join(", ")} masq=${traced.masq}`;
  const theirs = `${flow.rawOutput} masq=${flow.masq}`;
  return ours === theirs ? undefined : `ours ${ours}, theirs ${theirs}`;
}

/** Compares with the answer of a real proxier's rules. */
export function compareAnswer(traced: Traced, answer: ClusterAnswer): string | undefined {
  const verdicts = ["ACCEPT", "REJECT", "DROP"];
  const targets = traced.outputs
    .filter((o) => !verdicts.includes(o))
    .sort((a, b) => (a < b ? -1 : 1));
  const verdict = traced.outputs.find((o) => verdicts.includes(o));
  const ours: ClusterAnswer =
    targets.length > 0
      ? { kind: "DNAT", masq: traced.masq, targets, ...(verdict ? { then: verdict } : {}) }
      : { kind: verdict ?? "NONE", masq: traced.masq };
  const theirs = JSON.stringify(sortKeys(answer));
  return JSON.stringify(sortKeys(ours)) === theirs
    ? undefined
    : `ours ${JSON.stringify(ours)}, theirs ${theirs}`;
}

function sortKeys({ kind, masq, targets, then }: ClusterAnswer) {
  return { kind, masq, targets, then };
}
