/**
 * What a recording of a real kernel holds: the dumps of a few namespaces, how they are joined, what
 * listens, and probes with what became of each.
 */
import type { NetnsDump } from "../../netns/index.js";

/** One recorded scenario. */
export interface Recording {
  readonly name: string;
  readonly family: string;
  readonly namespaces: Readonly<Record<string, NetnsDump>>;
  /** Pairs of veth ends: namespace and link, twice. */
  readonly veths: readonly (readonly [string, string, string, string])[];
  /** Namespace, protocol and port; each listens on every address and answers with its name. */
  readonly listeners: readonly (readonly [string, "tcp" | "udp", number])[];
  readonly probes: readonly RecordedProbe[];
}

/** One probe of a recording. */
export interface RecordedProbe {
  readonly probe: Probe;
  /** When it began, counted from the recording's start, milliseconds; not every recorder tells. */
  readonly atMs?: number;
}

/** One conversation that a real socket tried. */
export interface Probe {
  readonly from: string;
  /** `icmp`: an echo request of an ICMP socket (IPPROTO_ICMP), with the source port for its id. */
  readonly proto: "tcp" | "udp" | "icmp";
  readonly dst: string;
  readonly dport: number;
  readonly sport: number;
  readonly src?: string;
  readonly ttl?: number;
  /** Don't-fragment on every packet, and nothing bigger than the path takes; else the kernel's way. */
  readonly df?: boolean;
  /** How long the client waits, seconds; 0.6 if absent. */
  readonly timeout?: number;
  /** Payload bytes of a datagram or an echo request; 8 if absent. */
  readonly size?: number;
}

/** What became of a probe. */
export interface Got {
  /** `ok`, `timeout`, or the name of the socket's error. */
  readonly result: string;
  readonly src: string;
  readonly sport: number;
  readonly answered_by?: string;
  readonly icmp?: {
    readonly type: number;
    readonly code: number;
    readonly from: string;
    readonly info: number;
  };
  readonly server_saw: readonly ServerSaw[];
  /** Lines of `conntrack -L`, by namespace; namespaces without entries are absent. */
  readonly conntrack: Readonly<Record<string, readonly string[]>>;
  /** Lines of `ipvsadm -Lnc` without its heading, by namespace; only of namespaces that use IPVS. */
  readonly ipvs_connections?: Readonly<Record<string, readonly string[]>>;
  /** Lines like those of `nft monitor trace`, by namespace, of the probe's first packet. */
  readonly trace: Readonly<Record<string, readonly string[]>>;
  /** Ours only: something that is not modelled decided about a packet, so the rest is no answer. */
  readonly unknown?: string;
}

/** What a listener saw of a probe. */
export interface ServerSaw {
  readonly ns: string;
  readonly proto: string;
  readonly local: string;
  readonly lport: number;
  readonly peer: string;
  readonly pport: number;
}
