/** The script that an operator runs on a node to make a dump. */
import { DUMP_FILES } from "./folder.js";

/**
 * Prints a shell script that dumps a node: its own namespace and every namespace that `ip netns` and
 * `lsns` know, as one tar on standard output.
 *
 * Shape: read-only commands; no addresses of processes, no environment, no keys. A tool that is not
 * there leaves an empty file out.
 *
 * @example
 * // kubewire collect > collect.sh; ssh node-1 sudo sh -s < collect.sh > node-1.tar
 */
export function printCollectScript(): string {
  const dumps = DUMP_FILES.map(
    ({ name, command }) => `  dump ${quote(name)} ${command.map(quote).join(" ")}`,
  );
  return `#!/bin/sh
# Collects what a node's kernel is configured with. Changes nothing. Prints a tar.
# Usage: sudo sh collect.sh > NODE.tar
set -u
umask 077
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
node=$(hostname)

# dump FILE COMMAND...: one tool's output, in the namespace $enter leads to.
dump() {
  file=$1
  shift
  command -v "$1" >/dev/null 2>&1 || return 0
  $enter "$@" >"$out/$file" 2>/dev/null || rm -f "$out/$file"
}

# collect NAME: all tools, into a folder of that name.
collect() {
  out=$dir/$1
  mkdir -p "$out"
${dumps.join("\n")}
}

enter=
collect "$node"
seen=$(readlink /proc/self/ns/net)
for proc in /proc/[0-9]*; do
  ns=$(readlink "$proc/ns/net" 2>/dev/null) || continue
  case " $seen " in *" $ns "*) continue ;; esac
  seen="$seen $ns"
  pid=\${proc#/proc/}
  name=$(nsenter -t "$pid" -u hostname 2>/dev/null) || name=$pid
  enter="nsenter -t $pid -n"
  collect "$node.$name"
done
tar -C "$dir" -cf - .
`;
}

function quote(word: string): string {
  return /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
