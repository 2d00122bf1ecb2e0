/** How tools name the state of a device: its flags, its operational state, its queueing discipline. */
import type { LinkConfig } from "../../link/index.js";

/** A device as one line of `ip link` shows it. */
export interface LinkState {
  /** As within `<…>`. */
  readonly flags: readonly string[];
  readonly state: "UP" | "DOWN" | "UNKNOWN" | "LOWERLAYERDOWN";
  readonly qdisc: string;
  /** `loopback`, `ether`, `ipip`, `none`. */
  readonly type: string;
}

/**
 * The state of a device.
 *
 * Follows: Linux 6.18 net/core/link_watch.c `default_operstate`; iproute2 6.1 ip/ipaddress.c
 * `print_link_flags`.
 */
export function stateOf(link: LinkConfig): LinkState {
  const carrier = link.carrier ?? link.up;
  return {
    flags: [
      ...(link.up && !carrier ? ["NO-CARRIER"] : []),
      ...(link.kind.kind === "dummy" ? DUMMY_FLAGS : TYPE_FLAGS[hardwareOf(link)]),
      ...(link.up ? ["UP"] : []),
      ...(link.up && carrier ? ["LOWER_UP"] : []),
    ],
    state: operState(link, carrier),
    qdisc: link.up ? "noqueue" : "noop",
    type: hardwareOf(link),
  };
}

const TYPE_FLAGS = {
  loopback: ["LOOPBACK"],
  ether: ["BROADCAST", "MULTICAST"],
  ipip: ["NOARP"],
  none: ["POINTOPOINT", "NOARP"],
} as const;

/** drivers/net/dummy.c `dummy_setup`. */
const DUMMY_FLAGS = ["BROADCAST", "NOARP"] as const;

function hardwareOf(link: LinkConfig): keyof typeof TYPE_FLAGS {
  switch (link.kind.kind) {
    case "loopback":
      return "loopback";
    case "ipip":
      return "ipip";
    case "wireguard":
      return "none";
    default:
      return "ether";
  }
}

function operState(link: LinkConfig, carrier: boolean): LinkState["state"] {
  if (!link.up) return "DOWN";
  if (!carrier) return link.kind.kind === "veth" ? "LOWERLAYERDOWN" : "DOWN";
  return isVirtual(link) ? "UNKNOWN" : "UP";
}

/** Devices whose drivers tell nothing about a carrier. */
function isVirtual(link: LinkConfig): boolean {
  switch (link.kind.kind) {
    case "loopback":
    case "vxlan":
    case "ipip":
    case "wireguard":
    case "dummy":
      return true;
    default:
      return false;
  }
}
