/** The door of `cli`: one command line, run with a terminal of the caller's. */
export { run } from "./run.js";
export type { Terminal } from "./terminal.js";
export { VERSION } from "./version.js";
