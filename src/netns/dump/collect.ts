/** The script that an operator runs on a node to make a dump. */
import { DUMP_FILES } from "./folder.js";

/** Sysctls that decide about packets; the others of `net` are left out, keys among them. */
export const DUMPED_SYSCTLS =
  "^net[.](ipv4[.](ip_|icmp_|conf[.]|fib_|vs[.]|tcp_l3mdev)|ipv6[.](conf[.]|icmp|fib_)|bridge[.]|netfilter[.]nf_conntrack_)";
/** Of those, keys that addresses are made from. */
const SECRETS = "[.]stable_secret";

/**
 * Prints a shell script that dumps a node: its own namespace and every other that a process is in, as
 * one tar on standard output; with `--own NAME`, the namespace it runs in alone.
 *
 * Shape: read-only commands; nothing of processes but what they listen on, no environment, no keys. A
 * tool that is not there leaves its file out.
 *
 * @example
 * printCollectScript().startsWith("#!/bin/sh\n") // => true
 */
export function printCollectScript(): string {
  const dumps = DUMP_FILES.filter(({ reading }) => reading !== "sysctl").map(
    ({ name, command }) => `  dump ${quote(name)} ${command.map(quote).join(" ")}`,
  );
  return `#!/bin/sh
# Collects what a node's kernel is configured with. Changes nothing. Prints a tar.
# Usage: sudo sh collect.sh > NODE.tar             this node and every namespace on it
#        sudo sh collect.sh --own NAME > NAME.tar  the namespace it runs in, by that name
set -u
umask 077
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM

# dump FILE COMMAND...: one tool's output, in the namespace that $enter leads to.
dump() {
  file=$1
  shift
  command -v "$1" >/dev/null 2>&1 || return 0
  # Asking for virtual servers would load the module where there are none.
  [ "$1" != ipvsadm ] || [ -e /proc/net/ip_vs ] || return 0
  $enter "$@" >"$out/$file" 2>/dev/null || rm -f "$out/$file"
}

# collect FOLDER: what all tools say.
collect() {
  out=$dir/$1
  mkdir -p "$out"
${dumps.join("\n")}
  $enter sysctl -a 2>/dev/null | grep -E '${DUMPED_SYSCTLS}' | grep -v '${SECRETS}' >"$out/sysctl.txt"
}

enter=
if [ "\${1:-}" = --own ] && [ -n "\${2:-}" ]; then
  collect "$2"
else
  node=$(hostname)
  collect "$node"
  seen=$(readlink /proc/self/ns/net)
  for proc in /proc/[0-9]*; do
    ns=$(readlink "$proc/ns/net" 2>/dev/null) || continue
    case " $seen " in *" $ns "*) continue ;; esac
    seen="$seen $ns"
    pid=\${proc#/proc/}
    # A pod's processes have its name for a host name.
    name=$(nsenter -t "$pid" -u hostname 2>/dev/null) || name=$pid
    [ "$name" != "$node" ] || name=$(ip netns identify "$pid" 2>/dev/null)
    [ -n "$name" ] && [ ! -e "$dir/$node/$name" ] || name=$name$pid
    enter="nsenter -t $pid -n"
    collect "$node/$name"
  done
fi
tar -C "$dir" -cf - .
`;
}

function quote(word: string): string {
  return /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
