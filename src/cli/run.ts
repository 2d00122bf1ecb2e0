/** Reads the command line and runs the command it names. Each command is loaded when it is used. */
import { Command, CommanderError, Option } from "commander";
import { addClusterOptions } from "./cluster-options.js";
import { EXIT, reportFailure } from "./failure.js";
import { parseFamilies } from "./families.js";
import { labCommands } from "./lab-commands.js";
import { policyCommands } from "./policy-commands.js";
import { processTerminal, type Terminal } from "./terminal.js";
import { VERSION } from "./version.js";

/** A command: reads its options, writes to the terminal, gives an exit status. */
export type Action = (
  options: never,
  terminal: Terminal,
  words: readonly string[],
) => number | Promise<number>;

/**
 * Runs one command line, words without the program's name.
 *
 * Returns: the exit status: 0 the asked-for property holds, 1 it does not, 2 bad input.
 */
export async function run(words: readonly string[], terminal = processTerminal()): Promise<number> {
  const plain = words.includes("--no-color") ? { ...terminal, colour: false } : terminal;
  let status: number = EXIT.holds;
  const json = words.includes("--json");
  const program = makeProgram(plain, (code) => {
    status = code;
  });
  try {
    await program.parseAsync([...words], { from: "user" });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.holds : EXIT.badInput;
    return reportFailure(error, plain, json);
  }
}

function makeProgram(terminal: Terminal, done: (status: number) => void): Command {
  const program = new Command("kubewire")
    .description("The Kubernetes network, in memory, packet by packet.")
    .version(VERSION, "-V, --version")
    .option("--no-color", "no colours")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.err(text),
    });
  const prepare = (command: Command, load: () => Promise<Action>) => {
    command.exitOverride().configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.err(text),
    });
    command.action(async (...parts: unknown[]) => {
      const action = await load();
      const positional = parts.slice(0, -2).flat().map(String);
      done(await action(parts.at(-2) as never, terminal, positional));
    });
  };
  const add = (command: Command, load: () => Promise<Action>) => {
    prepare(command, load);
    program.addCommand(command);
  };
  add(demo(), async () => (await import("./commands/demo.js")).runDemo as Action);
  add(trace(), async () => (await import("./commands/trace.js")).runTrace as Action);
  add(render(), async () => (await import("./commands/render.js")).runRender as Action);
  add(validate(), async () => (await import("./commands/validate.js")).runValidate as Action);
  add(
    connections(),
    async () => (await import("./commands/connections.js")).runConnections as Action,
  );
  add(lint(), async () => (await import("./commands/lint.js")).runLint as Action);
  add(replay(), async () => (await import("./commands/replay.js")).runReplay as Action);
  add(collect(), async () => (await import("./commands/collect.js")).runCollect as Action);
  add(importDump(), async () => (await import("./commands/import.js")).runImport as Action);
  program.addCommand(
    policyCommands((command, load) => prepare(command, load as () => Promise<Action>)),
  );
  program.addCommand(
    labCommands((command, load) => prepare(command, load as () => Promise<Action>)),
  );
  return program;
}

function demo(): Command {
  return new Command("demo")
    .description("two pods, a Service, and every packet between them")
    .addOption(
      new Option("--families <list>", "ip4, ip6, or both, primary first")
        .argParser(parseFamilies)
        .default(["ip4"], "ip4"),
    )
    .option("--level <level>", "summary, hops or everything", "hops")
    .option("--json", "the transcript as JSON");
}

function trace(): Command {
  const command = new Command("trace")
    .description("explain a connection, packet by packet")
    .requiredOption("--from <workload>", "namespace/name of a pod or workload, or a node")
    .requiredOption("--to <target>", "http://NAME:PORT/PATH, tcp://…, udp://…, or ping:NAME")
    .option("--dump <folder>", "dumps of real nodes, in place of manifests")
    .option("--level <level>", "summary, hops or everything", "hops")
    .option("--json", "the trace as JSON");
  return addClusterOptions(command, "optional");
}

function collect(): Command {
  return new Command("collect")
    .description("print the shell script that dumps a node, for kubewire import and trace --dump")
    .option("--json", "as a JSON string");
}

function importDump(): Command {
  return new Command("import")
    .description("read the dumps of real nodes; tell what is not understood or not modelled")
    .argument("<folder>", "folder of dumps, a folder in it for each namespace")
    .option("--check", "also fail where something is understood but not modelled")
    .option("--json", "what was found as JSON");
}

function render(): Command {
  const command = new Command("render")
    .description("print what a node's kernel would be configured with, as the real tools take it")
    .requiredOption("--node <name>", "the node, or namespace/name of a pod")
    .requiredOption("--what <part>", "iptables, ip6tables, nft, ipvs, ip, bridge, ipset or sysctl")
    .option("--json", "as a JSON string");
  return addClusterOptions(command, "required");
}

function validate(): Command {
  return new Command("validate")
    .description("say every fault of every manifest")
    .requiredOption("-f, --filename <path...>", "manifests, folders of them, or -")
    .option("--json", "the faults as JSON");
}

function connections(): Command {
  return new Command("connections")
    .description("list everything that the policies of some manifests allow")
    .requiredOption("-f, --filename <path...>", "manifests, folders of them, or -")
    .option("--workload <name...>", "only those of these workloads: NAME or NAMESPACE/NAME")
    .option("--peer <name...>", "only those between the workloads and these")
    .option("--direction <way>", "only those into (ingress) or out of (egress) the workloads")
    .option("--port <port>", "only those that may use this port, for instance TCP/80")
    .option("--json", "as JSON");
}

function lint(): Command {
  const command = new Command("lint")
    .description("say where the real kube-proxy would answer by chance")
    .option("--json", "the findings as JSON");
  return addClusterOptions(command, "required");
}

function replay(): Command {
  return new Command("replay")
    .description("run the probes of a recording of a real kernel in the model")
    .argument("<file>", "the recording")
    .option("--json", "as JSON, in the shape of the recording", true);
}
