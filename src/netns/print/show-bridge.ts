/** What `bridge fdb` and `bridge [-d] link` print. */
import type { FdbConfig, LinkConfig } from "../../link/index.js";
import { stateOf } from "./link-state.js";

/**
 * Prints forwarding databases as `bridge fdb` does.
 *
 * Follows: iproute2 6.1 bridge/fdb.c `print_fdb`.
 */
export function showFdb(
  fdb: readonly FdbConfig[],
  filter: { readonly link?: string; readonly bridge?: string } = {},
): string {
  return fdb
    .filter((e) => filter.link === undefined || e.link === filter.link)
    .filter((e) => filter.bridge === undefined || e.master === filter.bridge)
    .map((e) => {
      const words = [
        e.mac.toString(),
        "dev",
        e.link,
        ...(e.dst === undefined ? [] : ["dst", e.dst.toString()]),
        ...(e.vlan === undefined ? [] : ["vlan", String(e.vlan)]),
        ...(e.port === undefined ? [] : ["port", String(e.port)]),
        ...(e.vni === undefined ? [] : ["vni", String(e.vni)]),
        ...(e.via === undefined ? [] : ["via", e.via]),
        ...(e.self ? ["self"] : []),
        ...(e.master === undefined ? [] : ["master", e.master]),
      ];
      return `${words.join(" ")} ${e.state === "reachable" ? "" : e.state}\n`;
    })
    .join("");
}

/**
 * Prints bridge ports as `bridge link` does, with their settings as `bridge -d link`.
 *
 * Follows: iproute2 6.1 bridge/link.c `print_linkinfo`, `print_protinfo`.
 */
export function showBridgeLinks(links: readonly LinkConfig[], withDetails = false): string {
  return links
    .filter((l) => l.port !== undefined && l.master !== undefined)
    .map((link) => {
      const { flags } = stateOf(link);
      const head =
        `${link.index}: ${nameOf(link)}: <${flags.join(",")}> mtu ${link.mtu} ` +
        `master ${link.master} state ${link.port?.state ?? "forwarding"} priority 32 cost 2 \n`;
      return withDetails ? head + showPort(link) : head;
    })
    .join("");
}

/** The far end is told only where it is in the same namespace. */
function nameOf({ name, kind }: LinkConfig): string {
  const isPaired = kind.kind === "veth" && kind.peer !== undefined && kind.peer.netns === undefined;
  return isPaired ? `${name}@${kind.peer?.link}` : name;
}

function showPort(link: LinkConfig): string {
  const word = (on: boolean | undefined) => (on ? "on" : "off");
  const { port } = link;
  return (
    `    hairpin ${word(port?.hairpin)} guard off root_block off fastleave off ` +
    `learning ${word(port?.learning)} flood ${word(port?.flood)} mcast_flood on bcast_flood on ` +
    `mcast_router 1 mcast_to_unicast off neigh_suppress ${word(port?.neighSuppress)} ` +
    `vlan_tunnel off isolated ${word(port?.isolated)} locked off \n`
  );
}
