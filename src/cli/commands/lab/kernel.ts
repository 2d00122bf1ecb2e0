/** The option `--kernel vm`: the same command, run by the kernel of a virtual machine. */
import { runInVm } from "../../../agents/index.js";
import type { Terminal } from "../../terminal.js";

/** What commander read. */
export interface KernelFlags {
  readonly kernel: "host" | "vm";
  readonly vmRunner: string;
  readonly vmSeconds: number;
}

/** Runs this process' own command line there, without the options that led there. */
export async function inThatKernel(flags: KernelFlags, terminal: Terminal): Promise<number> {
  const [node, script, ...words] = process.argv;
  const argv = [node, ...process.execArgv, script, ...withoutKernelOptions(words)];
  const { exitCode, stdout } = await runInVm({
    runner: flags.vmRunner,
    seconds: flags.vmSeconds,
    argv: argv.filter((word) => word !== undefined),
    onError: (text) => terminal.err(text),
  });
  terminal.out(stdout);
  return exitCode;
}

const OPTIONS = ["--kernel", "--vm-runner", "--vm-seconds"];

/** Command-line words without `--kernel vm` and its like, in both spellings. */
export function withoutKernelOptions(words: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (OPTIONS.includes(word)) i++;
    else if (!OPTIONS.some((option) => word.startsWith(`${option}=`))) kept.push(word);
  }
  return kept;
}
