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
  const kind = targets.length > 0 ? "DNAT" : (verdict ?? "NONE");
  const after = targets.length > 0 ? verdict : undefined;
  const ours = JSON.stringify([kind, traced.masq, targets, after]);
  const theirs = JSON.stringify([answer.kind, answer.masq, answer.targets ?? [], answer.then]);
  return ours === theirs ? undefined : `ours ${ours}, theirs ${theirs}`;
}
