/**
 * A packet on its way through a namespace, and what travels with it: its record, its route, its story;
 * what a sender wants sent; and the work that waits.
 */
import type { Addr, Mac } from "../addr/index.js";
import type { Random } from "../base/index.js";
import type { Path } from "../fib/index.js";
import type { Link } from "../link/index.js";
import type { Direction, Entry, Skb, StepSink } from "../netfilter/index.js";
import type { Frame, Packet, Transport } from "../wire/index.js";

/** The story of one packet, told namespace by namespace. */
export interface Journey {
  readonly id: number;
  /** Starts a hop; what is told to the sink belongs to it. */
  enter(netns: string, nowUs: number): StepSink;
}

/** What a namespace needs from the world around it. */
export interface World {
  /** Simulated microseconds. */
  readonly nowUs: () => number;
  /** One stream of random numbers per purpose. */
  readonly random: (purpose: string) => Random;
  /**
   * Hands a frame to whatever is at the other end of a link. Returns whether that end takes it, as far
   * as the sender's system call is told.
   */
  readonly transmit: (link: Link, frame: Frame, journey: Journey | undefined) => boolean;
  /** Runs a task later. */
  readonly schedule: (delayUs: number, task: () => void) => void;
  /** Starts the story of a packet that a socket or the kernel sends; undefined: nobody listens. */
  readonly begin: (netns: string, packet: Packet, cause: number | undefined) => Journey | undefined;
}

/** A packet on its way through one namespace, and what belongs to it besides its bytes. */
export interface Transit {
  readonly skb: Skb;
  /** The route it was given (`skb_dst`). */
  path: Path | undefined;
  readonly journey: Journey | undefined;
  readonly tell: StepSink;
  /** A socket or the kernel of this namespace made it. */
  readonly local: boolean;
  /** The sender lets the kernel fragment it although don't-fragment is set (`ignore_df`). */
  readonly ignoreDf: boolean;
  /**
   * It was put together of fragments, the largest this long, bytes (`frag_max_size`): it may be taken
   * apart again, and not into larger ones.
   */
  fragmentMax?: number;
}

/** A packet that waits for a neighbour's answer, and how it goes on. */
export interface Waiting {
  readonly transit: Transit;
  /** Returns whether the link took it. */
  readonly send: (mac: Mac) => boolean;
}

/** What a local sender wants sent. Absent fields are chosen by the kernel. */
export interface Draft {
  readonly dst: Addr;
  readonly src?: Addr;
  readonly payload: Transport;
  readonly tos?: number;
  readonly ttl?: number;
  /** IPv4 don't-fragment; false by default. */
  readonly df?: boolean;
  readonly ignoreDf?: boolean;
  readonly mark?: number;
  /** Link the sender is bound to. */
  readonly oif?: string;
  /** The tunnel whose outer packet it is: a way that leads into that tunnel again is none. */
  readonly tunnel?: string;
  readonly uid?: number;
  /** Id of the journey that this packet answers. */
  readonly cause?: number | undefined;
  /** Continue this journey rather than begin one: an outer packet of a tunnel. */
  readonly journey?: Journey | undefined;
  /** Neighbour discovery: leaves by `oif` without asking for a route. */
  readonly direct?: boolean;
  /** Connection of the packet that it is an error about (`nf_ct_attach`). */
  readonly about?: { readonly entry: Entry; readonly direction: Direction };
  /** No journey tells of it. */
  readonly silent?: boolean;
  /** IPv6: the way is that of packets without a source (`ip6_dst_store`). */
  readonly choseSource?: boolean;
  /** The source may be an address that is not ours (transparent senders, resets). */
  readonly anySource?: boolean;
}

/** Work that waits until the present packet is done (the kernel's backlog and soft interrupts). */
export type Work =
  | {
      readonly kind: "frame";
      readonly link: Link;
      readonly frame: Frame;
      readonly journey: Journey | undefined;
      readonly mark: number;
    }
  | { readonly kind: "loop"; readonly link: Link; readonly transit: Transit }
  /** A bridge hands a packet to its own stack, after IP prerouting was asked. */
  | { readonly kind: "up"; readonly link: Link; readonly transit: Transit }
  | { readonly kind: "send"; readonly draft: Draft }
  /** IPVS sends a packet on to a real server, from the output hook. */
  | { readonly kind: "output"; readonly transit: Transit; readonly path: Path }
  | { readonly kind: "task"; readonly run: () => void };
