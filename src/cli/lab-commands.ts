/** The words of `kubewire lab`: what its commands and options are called. */
import { Command, InvalidArgumentError, Option } from "commander";
import { addClusterOptions } from "./cluster-options.js";

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
  put(up(), async () => (await import("./commands/lab/up.js")).runLabUp);
  put(probe(), async () => (await import("./commands/lab/up.js")).runLabProbe);
  put(down(), async () => (await import("./commands/lab/up.js")).runLabDown);
  put(diff(), async () => (await import("./commands/lab/diff.js")).runLabDiff);
  return lab;
}

function up(): Command {
  const command = new Command("up")
    .description("build a cluster as network namespaces, with listeners; it stays")
    .option("--name <name>", "name of the lab", "lab")
    .option("--json", "the namespaces as JSON");
  return addClusterOptions(command, "required");
}

function probe(): Command {
  return new Command("probe")
    .description("try one conversation in a lab that is up")
    .requiredOption("--from <name>", "namespace/name of a pod, a node, or external")
    .requiredOption("--to <target>", "tcp://ADDRESS:PORT or udp://…, or a name in its place")
    .option("--src <address>", "source address; the kernel's choice if absent")
    .addOption(new Option("--sport <port>", "source port; 0: any").argParser(count).default(0))
    .addOption(new Option("--ttl <hops>", "time to live").argParser(count))
    .addOption(new Option("--size <bytes>", "payload of a datagram").argParser(count))
    .option("--df", "don't fragment")
    .option("--name <name>", "name of the lab", "lab")
    .option("--json", "the answer as JSON");
}

function down(): Command {
  return new Command("down")
    .description("take a lab down, whole or half built")
    .option("--name <name>", "name of the lab", "lab")
    .option("--json", "the names of what is gone as JSON");
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
