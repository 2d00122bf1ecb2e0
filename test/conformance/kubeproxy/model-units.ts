/** The flows of kube-proxy's own tests through the kernel model. */
import type { Report } from "../suite.js";
import type { ClusterAnswer, UnitFlow } from "./flows.js";
import { checkModelFlows, type NodeChange } from "./model-replay.js";
import type { NftFlowsFile } from "./nft-checks.js";

/** Files of flows of either mode have one shape. */
export type UnitFlowsFile = NftFlowsFile;

/** Replays the flows of each step, in the mode whose test they are. */
export function checkModelUnits(
  id: string,
  { mode, change }: { readonly mode: "iptables" | "nftables"; readonly change?: NodeChange },
  file: UnitFlowsFile,
  report: Report,
): void {
  for (const { test, case: name, config, steps } of file.cases) {
    for (const step of steps) {
      const flows = step.flows.map((flow) => ({ ...flow, expected: answerOf(flow) }));
      const at = `${id}/${test}/${name}/${step.step}`;
      checkModelFlows(
        at,
        { mode, config, objects: step, flows, ...(change && { change }) },
        report,
      );
    }
  }
}

/** What a test expects, as the clusters' answers are told: targets, then what the filter table did. */
export function answerOf({ masq, rawOutput }: UnitFlow): ClusterAnswer {
  const outputs = rawOutput === "" ? [] : rawOutput.split(", ");
  const targets = outputs.filter((output) => !VERDICTS.has(output));
  const verdict = outputs.find((output) => VERDICTS.has(output));
  if (targets.length === 0) return { kind: verdict ?? "NONE", masq };
  // biome-ignore lint/suspicious/noThenProperty: the vectors' name for it.
  return { kind: "DNAT", masq, targets, ...(verdict === undefined ? {} : { then: verdict }) };
}

const VERDICTS: ReadonlySet<string> = new Set(["ACCEPT", "REJECT", "DROP"]);
