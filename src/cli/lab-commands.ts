/** The words of `kubewire lab`: what its commands and options are called. */
import { Command, InvalidArgumentError, Option } from "commander";

/** `lab` and the commands below it; `add` is told how each is loaded. */
export function labCommands(
  add: (command: Command, load: () => Promise<unknown>) => void,
): Command {
  const lab = new Command("lab").description(
    "clusters on a real kernel, as network namespaces (root)",
  );
  const put = (command: Command, load: () => Promise<unknown>) => {
    add(command, load);
    lab.addCommand(command);
  };
  put(diff(), async () => (await import("./commands/lab/diff.js")).runLabDiff);
  return lab;
}

function diff(): Command {
  const command = new Command("diff")
    .description("compare model and kernel on random clusters, packet by packet")
    .option("--seed <text>", "seed of the clusters and probes", "kubewire")
    .addOption(new Option("--cases <count>", "clusters").argParser(count).default(5))
    .addOption(new Option("--probes <count>", "probes of each").argParser(count).default(40))
    .addOption(
      new Option("--network <flavour>", "pod network; random if absent").choices([
        "vxlan",
        "bridge",
      ]),
    )
    .addOption(
      new Option("--proxy <mode>", "kube-proxy's mode; random if absent").choices([
        "iptables",
        "nftables",
        "ipvs",
      ]),
    )
    .addOption(new Option("--first <number>", "number of the first").argParser(count).default(0))
    .addOption(new Option("--lanes <count>", "labs at a time").argParser(count).default(3))
    .option("--save <folder>", "where recordings of cases with a difference go")
    .option("--name <name>", "part of the namespaces' names", "diff")
    .option("--json", "the differences as JSON");
  return addKernelOptions(command);
}

function addKernelOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--kernel <which>", "this machine's, or that of a virtual machine")
        .choices(["host", "vm"])
        .default("host"),
    )
    .option("--vm-runner <path>", "program that runs a job in a virtual machine", "kernel-vm")
    .addOption(new Option("--vm-seconds <count>", "its time limit").argParser(count).default(600));
}

function count(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0 && value <= 1_000_000) return value;
  throw new InvalidArgumentError("expected a whole number from 0 to 1000000");
}
