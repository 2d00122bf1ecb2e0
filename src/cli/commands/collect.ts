/** `kubewire collect`: the script that an operator runs on a node. */
import { printCollectScript } from "../../netns/index.js";
import { EXIT } from "../failure.js";
import type { Terminal } from "../terminal.js";

/** Prints the script. */
export function runCollect(flags: { readonly json?: boolean }, terminal: Terminal): number {
  const script = printCollectScript();
  terminal.out(flags.json ? `${JSON.stringify(script)}\n` : script);
  return EXIT.holds;
}
