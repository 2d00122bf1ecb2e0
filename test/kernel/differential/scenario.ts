/**
 * One scenario of the differential: a few namespaces joined by veth pairs, how each is configured, and
 * the probes to send. Plain data, made from a seed by `draw/`, set up on a real kernel by `build.ts`.
 */
import type { Probe } from "../../../src/fabric/index.js";

/** One namespace: what is run in it, in this order, then what is loaded. */
export interface Host {
  /** Lines such as `ip link set eth0 up`, `sysctl -qw …`, `bridge link set …`; refused ones are skipped. */
  readonly steps: readonly string[];
  readonly ipset?: string;
  readonly iptables?: string;
  readonly ip6tables?: string;
  readonly nft?: string;
}

/** A scenario before anybody recorded it. */
export interface Scenario {
  readonly name: string;
  readonly family: string;
  readonly hosts: Readonly<Record<string, Host>>;
  readonly veths: readonly (readonly [string, string, string, string])[];
  readonly listeners: readonly (readonly [string, "tcp" | "udp", number])[];
  readonly probes: readonly Probe[];
}
