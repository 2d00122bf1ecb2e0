/** Service names a rule may use instead of a port (Debian 12 /etc/services, the ones rules use). */

const PORTS: ReadonlyMap<string, number> = new Map([
  ["echo", 7],
  ["discard", 9],
  ["daytime", 13],
  ["ftp-data", 20],
  ["ftp", 21],
  ["ssh", 22],
  ["telnet", 23],
  ["smtp", 25],
  ["time", 37],
  ["domain", 53],
  ["bootps", 67],
  ["bootpc", 68],
  ["tftp", 69],
  ["http", 80],
  ["kerberos", 88],
  ["pop3", 110],
  ["sunrpc", 111],
  ["ntp", 123],
  ["imap2", 143],
  ["snmp", 161],
  ["snmp-trap", 162],
  ["bgp", 179],
  ["ldap", 389],
  ["https", 443],
  ["isakmp", 500],
  ["syslog", 514],
  ["router", 520],
  ["ldaps", 636],
  ["imaps", 993],
  ["pop3s", 995],
  ["nfs", 2049],
  ["mysql", 3306],
  ["postgresql", 5432],
]);

/** The port of a service name. */
export function servicePort(name: string): number | undefined {
  return PORTS.get(name);
}

const NAMES: ReadonlyMap<number, string> = new Map([...PORTS].map(([name, port]) => [port, name]));

/** The name of a port, for tools that print names. */
export function serviceName(port: number): string | undefined {
  return NAMES.get(port);
}
