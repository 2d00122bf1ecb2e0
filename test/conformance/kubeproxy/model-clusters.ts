/** The random clusters' flows through the kernel model. */
import type { Report } from "../suite.js";
import type { ClusterAnswer } from "./flows.js";
import type { ClusterFile } from "./iptables-clusters.js";
import { checkModelFlows } from "./model-replay.js";
import type { NftClusterFile } from "./nft-checks.js";

/** Replays the flows of each step in both modes. */
export function checkModelCluster(
  id: string,
  file: ClusterFile & NftClusterFile,
  report: Report,
): void {
  const { config } = file;
  for (const step of file.steps) {
    for (const mode of ["iptables", "nftables"] as const) {
      const flows = step.flows.map((flow) => ({ ...flow, expected: answersOf(flow)[mode] }));
      checkModelFlows(
        `${id}/step-${step.step}/${mode}`,
        { mode, config, objects: step, flows },
        report,
      );
    }
  }
}

type Answers = Readonly<Record<"iptables" | "nftables", ClusterAnswer>>;

function answersOf(flow: object): Answers {
  return flow as Answers;
}
