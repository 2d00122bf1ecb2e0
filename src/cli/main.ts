#!/usr/bin/env node
/**
 * The command `kubewire`. The version is told before anything else is loaded; every other command is
 * in `run.ts`, loaded only when it is needed.
 */
import { VERSION } from "./version.js";

const words = process.argv.slice(2);
process.stdout.on("error", endWhenUnread);
if (words.length === 1 && (words[0] === "--version" || words[0] === "-V")) {
  process.stdout.write(`${VERSION}\n`);
} else {
  const { run } = await import("./run.js");
  process.exitCode = await run(words).catch(reportBug);
}

/** Whoever reads has gone (`| head`): end as any other program in a pipe, 128 + SIGPIPE. */
function endWhenUnread(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  process.exit(141);
}

/** A fault of kubewire itself: the one case in which a stack trace is of use. */
function reportBug(error: unknown): number {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`kubewire: this is a fault of kubewire itself, please report it\n${text}\n`);
  return 70;
}
