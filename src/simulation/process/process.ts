/**
 * A process of a pod or a node: a function that waits in the middle (a generator) and is resumed
 * with what happened, one event at a time, on virtual time. What it can do to the world is `Syscalls`.
 *
 *   const socket = process.connect(addr, 80);
 *   const event = yield { timeoutUs: 5_000_000 };      // the next event, or a timeout
 */
import type { Addr } from "../../addr/index.js";

/** The name of an error that a system call or a socket reports. */
export type Errno = string;

/** A TCP socket of a process. */
export interface StreamSocket {
  /** Sends bytes. */
  send(bytes: Uint8Array): void;
  /** Closes it in order: what was sent still arrives. */
  close(): void;
  /** Closes it with a reset. */
  abort(): void;
}

/** A UDP socket of a process, on a port of its own. */
export interface DatagramSocket {
  /** Sends a datagram; gives the error of the system call, if it fails at once. */
  send(dst: Addr, port: number, bytes: Uint8Array): Errno | undefined;
  close(): void;
}

/** An ICMP echo socket of a process. */
export interface EchoSocket {
  send(dst: Addr, seq: number, lengthBytes: number): Errno | undefined;
  close(): void;
}

/** What happened to a process. */
export type ProcessEvent =
  | { readonly kind: "timeout" }
  | { readonly kind: "connected"; readonly socket: StreamSocket; readonly local: Addr }
  | { readonly kind: "data"; readonly socket: StreamSocket; readonly bytes: Uint8Array }
  /** The other side sends no more. */
  | { readonly kind: "closed"; readonly socket: StreamSocket }
  | { readonly kind: "failed"; readonly socket: Socket; readonly errno: Errno }
  | {
      readonly kind: "datagram";
      readonly socket: DatagramSocket;
      readonly bytes: Uint8Array;
      readonly from: Addr;
      readonly port: number;
    }
  | {
      readonly kind: "echo-reply";
      readonly socket: EchoSocket;
      readonly from: Addr;
      readonly seq: number;
      readonly ttl: number;
      readonly lengthBytes: number;
    }
  /** A router or host says that an echo request could not be delivered. */
  | {
      readonly kind: "echo-error";
      readonly socket: EchoSocket;
      readonly from: Addr;
      readonly seq: number;
      readonly type: number;
      readonly code: number;
    };

/** Any socket. */
export type Socket = StreamSocket | DatagramSocket | EchoSocket;

/** What a process can do to the world. Events about its sockets come back to it. */
export interface Syscalls {
  readonly nowUs: () => number;
  connect(dst: Addr, port: number): StreamSocket;
  datagram(): DatagramSocket;
  echo(): EchoSocket;
  /** A number for this process' own use: ids of DNS messages. */
  random(count: number): number;
}

/** What a process waits for: the next event, for at most so long. */
export interface Wait {
  readonly timeoutUs?: number;
}

/** A process, or a part of one, that ends with a value. */
export type Running<T> = Generator<Wait, T, ProcessEvent>;

/** What a command leaves behind. */
export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
  /** Status line of the HTTP response, for commands that speak HTTP. */
  readonly status?: number;
}

/**
 * Waits for events until one of them answers, or time is over.
 *
 * Shape: `pick` gives the answer or undefined to wait on; events it does not know are lost.
 */
export function* waitFor<T>(
  calls: Syscalls,
  untilUs: number,
  pick: (event: ProcessEvent) => T | undefined,
): Running<T | "timeout"> {
  for (;;) {
    const leftUs = untilUs - calls.nowUs();
    if (leftUs <= 0) return "timeout";
    const event = yield Number.isFinite(leftUs) ? { timeoutUs: leftUs } : {};
    const picked = pick(event);
    if (picked !== undefined) return picked;
  }
}
