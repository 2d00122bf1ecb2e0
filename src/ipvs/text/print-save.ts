/** Prints what `ipvsadm -Sn` prints and `ipvsadm -R` takes. */
import type { IpvsConfig, RealServer, VirtualServer } from "../config.js";
import { FORWARDING, printEnd, printFlags, printMask, SERVICE_OPTIONS } from "./options.js";
import { sortServers, sortServices } from "./sort.js";

/**
 * Prints virtual servers as commands, in the order of `ipvsadm`.
 *
 * Laws: reading it again gives virtual servers that print alike
 * (test/property/ipvs/text.prop.test.ts).
 * Follows: ipvsadm 1.31 ipvsadm.c `print_service_entry` (`FMT_RULE`).
 *
 * @example
 * printIpvsSave({ virtualServers: [] }).length // => 0
 */
export function printIpvsSave({ virtualServers, marked = [] }: IpvsConfig): string {
  const lines = sortServices(virtualServers).flatMap((server) => [
    printService(server),
    ...sortServers(server.realServers).map((real) => printServer(server, real)),
  ]);
  return [...lines, ...marked].map((line) => `${line}\n`).join("");
}

function printService(server: VirtualServer): string {
  const { protocol, scheduler, persistentSeconds, onePacket } = server;
  const mask = printMask(server);
  const flags = printFlags(server);
  const words = [
    `-A ${SERVICE_OPTIONS[protocol]} ${printEnd(server)} -s ${scheduler}`,
    ...(persistentSeconds === undefined ? [] : [`-p ${persistentSeconds}`]),
    ...(mask === undefined ? [] : [`-M ${mask}`]),
    ...(onePacket ? ["-o"] : []),
    ...(flags === "" ? [] : [`-b ${flags}`]),
  ];
  return words.join(" ");
}

function printServer(server: VirtualServer, real: RealServer): string {
  const forwarding = real.forwarding ?? "masquerade";
  const tunnel = forwarding === "tunnel" ? " --tun-type ipip" : "";
  const name = `${SERVICE_OPTIONS[server.protocol]} ${printEnd(server)}`;
  const [option] = FORWARDING[forwarding];
  return `-a ${name} -r ${printEnd(real)} ${option} -w ${real.weight}${tunnel}`;
}
