/** The option `--kernel`: which machine labs are built on. */
import { type Machine, thisMachine, VirtualMachine } from "../../../agents/index.js";

/** What commander read. */
export interface KernelFlags {
  readonly kernel: "host" | "vm";
  readonly vmRunner: string;
  readonly vmSeconds: number;
}

/** Does something on the machine that is asked for; a virtual one is there for that long. */
export async function onMachine<T>(
  { kernel, vmRunner, vmSeconds }: KernelFlags,
  act: (machine: Machine) => Promise<T>,
): Promise<T> {
  if (kernel === "host") return act(thisMachine);
  const machine = await VirtualMachine.boot({ runner: vmRunner, seconds: vmSeconds });
  try {
    return await act(machine);
  } finally {
    await machine.end();
  }
}
