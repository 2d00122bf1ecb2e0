/** The words of `kubewire policy`: what its commands and options are called. */
import { Command, Option } from "commander";
import { addClusterOptions } from "./cluster-options.js";

/** `policy` and the commands below it; `add` is told how each is loaded. */
export function policyCommands(
  add: (command: Command, load: () => Promise<unknown>) => void,
): Command {
  const policy = new Command("policy").description("what network policies say");
  const command = explain();
  add(command, async () => (await import("./commands/policy/explain.js")).runPolicyExplain);
  return policy.addCommand(command);
}

function explain(): Command {
  const command = new Command("explain")
    .description("why policies let a connection through, or do not")
    .requiredOption("--from <name>", "namespace/name of a pod or workload, a node, or an address")
    .requiredOption("--to <name>", "the same, or a Service")
    .option("--port <port>", "a number, or what the pod or Service calls it", "0")
    .addOption(
      new Option("--protocol <name>", "protocol")
        .choices(["tcp", "udp", "sctp", "icmp"])
        .default("tcp"),
    )
    .option("--json", "the answer as JSON");
  return addClusterOptions(command, "required");
}
