/** What the lab and the process in a namespace tell each other: one line of JSON each. */
import type { Got } from "../../../fabric/index.js";

/** What an agent is asked. */
export type AgentRequest =
  | { readonly kind: "listen"; readonly id: number; readonly listeners: readonly AgentListener[] }
  | { readonly kind: "run"; readonly id: number; readonly commands: readonly AgentCommand[] }
  | ({ readonly kind: "sysctls"; readonly id: number } & SysctlsAsked)
  | { readonly kind: "conntrack"; readonly id: number; readonly action: "list" | "flush" }
  | { readonly kind: "set"; readonly id: number; readonly lines: readonly string[] }
  | { readonly kind: "read"; readonly id: number; readonly path: string }
  | { readonly kind: "watch"; readonly id: number; readonly argv: readonly string[] }
  | { readonly kind: "settle"; readonly id: number }
  | { readonly kind: "mark"; readonly id: number; readonly port: number }
  | ({ readonly kind: "probe"; readonly id: number } & AgentProbe);

/** Which settings below `/proc/sys/net` are asked for; those that are not there are left out. */
export interface SysctlsAsked {
  /** Paths: `ipv4/ip_forward`. */
  readonly names: readonly string[];
  /** Folders, of which all files: `bridge`. */
  readonly folders: readonly string[];
  /** Names of settings that every link has, in both families or one: `forwarding`. */
  readonly ofLinks: readonly string[];
}

/** A program to run in the namespace, to its end: an array of words, never a shell's line. */
export interface AgentCommand {
  readonly argv: readonly string[];
  /** For its standard input. */
  readonly input?: string;
}

/** What became of a program. */
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One port to listen on, at every address of the namespace. */
export interface AgentListener {
  readonly protocol: "tcp" | "udp";
  readonly port: number;
}

/** One conversation to try. */
export interface AgentProbe {
  readonly proto: "tcp" | "udp" | "icmp";
  readonly dst: string;
  readonly dport: number;
  /** 0: whichever port, or id of an echo request, the kernel picks. */
  readonly sport: number;
  readonly src?: string;
  readonly ttl?: number;
  readonly df?: boolean;
  /** Payload of a datagram or an echo request, bytes. */
  readonly size?: number;
  readonly timeoutMs: number;
}

/**
 * What an agent says: that it did what was asked, or that a listener heard somebody, or what the
 * program that it watches printed.
 */
export type AgentLine =
  | { readonly kind: "done"; readonly id: number; readonly error?: string }
  | { readonly kind: "ran"; readonly id: number; readonly results: readonly CommandResult[] }
  | { readonly kind: "told"; readonly id: number; readonly values: Record<string, string> }
  | { readonly kind: "tracked"; readonly id: number; readonly lines: readonly string[] }
  | {
      readonly kind: "probed";
      readonly id: number;
      readonly result: string;
      readonly src: string;
      readonly sport: number;
      readonly answeredBy?: string;
      readonly icmp?: NonNullable<Got["icmp"]>;
    }
  | { readonly kind: "printed"; readonly text: string }
  | {
      readonly kind: "saw";
      readonly proto: "tcp" | "udp";
      readonly local: string;
      readonly lport: number;
      readonly peer: string;
      readonly pport: number;
    };
