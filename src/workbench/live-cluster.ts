/** A running cluster that also takes kubectl commands: what they change, it goes on with. */
import type { Cluster as State } from "../cluster/index.js";
import { type CallInput, type CommandResult, type ExecRequest, kubectl } from "../kubectl/index.js";
import { parseTime, printTime } from "../objects/index.js";
import { Simulation, Story } from "../simulation/index.js";
import type { Trace } from "../trace/index.js";

/** What a kubectl command wrote, and the packets behind it. */
export interface KubectlAnswer extends CommandResult {
  /** The packets of `kubectl exec`; none for other verbs. */
  readonly trace: Story;
}

/**
 * A running cluster.
 *
 * @example
 * const sim = Cluster.create().start({ seed: "lesson-1" });
 * sim.kubectl("run pod-a --image=nginx").stdout.trim() // => pod/pod-a created
 */
export class LiveCluster extends Simulation {
  /** Runs a kubectl command at the present time. */
  kubectl(command: string | readonly string[], input: CallInput = {}): KubectlAnswer {
    const traces: Trace[] = [];
    const exec = (request: ExecRequest) => {
      const { stdout, stderr, exitCode, trace } = this.#exec(request);
      traces.push(...trace);
      return { stdout, stderr, exit: exitCode };
    };
    const now = startSeconds(this.cluster) + Math.floor(this.nowUs / 1_000_000);
    const present = this.cluster.at(printTime(now));
    const { cluster, ...result } = kubectl(present, command, { ...input, now, exec });
    if (cluster !== present) this.update(cluster);
    return { ...result, trace: new Story(traces) };
  }

  #exec({ namespace, pod, command }: ExecRequest) {
    return this.exec(`${namespace}/${pod}`, command.map(quoteWord).join(" "));
  }
}

function startSeconds(cluster: State): number {
  return parseTime(cluster.settings.time) ?? 0;
}

/** A word as a shell reads it back. */
function quoteWord(word: string): string {
  return /^[\w@%+=:,./[\]-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
