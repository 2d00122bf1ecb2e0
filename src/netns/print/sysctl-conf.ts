/** Sysctls as `sysctl -p FILE` takes them. */

/**
 * Prints sysctls one per line. Settings that write to others (`ip_forward`, `all`, `default`) go
 * first, so that a link's own value is the last word.
 *
 * Follows: Linux 6.18 net/ipv4/devinet.c `inet_forward_change`.
 */
export function printSysctls(sysctls: ReadonlyMap<string, string>): string {
  return [...sysctls]
    .map(([name, value]) => ({ name, value, rank: rankOf(name) }))
    .sort((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1))
    .map(({ name, value }) => `${name} = ${value}\n`)
    .join("");
}

function rankOf(name: string): number {
  if (name === "net.ipv4.ip_forward") return 0;
  if (/\.conf\.all\./.test(name)) return 1;
  if (/\.conf\.default\./.test(name)) return 2;
  return 3;
}
