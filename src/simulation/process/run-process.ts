/**
 * Runs a process in a namespace: gives it sockets, brings what happens to them back to it as events,
 * and wakes it when its time is over.
 */
import type { Addr } from "../../addr/index.js";
import type { Random } from "../../base/index.js";
import type { Netns } from "../../netns/index.js";
import type {
  DatagramSocket,
  EchoSocket,
  Errno,
  ProcessEvent,
  Running,
  StreamSocket,
  Syscalls,
} from "./process.js";

/** The clock a process runs on. */
export interface ProcessClock {
  readonly nowUs: () => number;
  readonly schedule: (delayUs: number, task: () => void) => void;
}

/** Where a process runs. */
export interface ProcessPlace {
  readonly netns: Netns;
  readonly clock: ProcessClock;
  readonly random: Random;
}

/**
 * Starts a process.
 *
 * Shape: `main` gets the system calls; `onExit` is called once, with what it returned. Events wait in
 * a queue while the process does something else, and are given in the order they happened.
 */
export function startProcess<T>(
  place: ProcessPlace,
  main: (calls: Syscalls) => Running<T>,
  onExit: (result: T) => void,
): void {
  const process = new Process(place, onExit);
  process.start(main(process.calls));
}

class Process<T> {
  readonly calls: Syscalls;
  readonly #place: ProcessPlace;
  readonly #onExit: (result: T) => void;
  readonly #events: { readonly event: ProcessEvent; readonly cause: number | undefined }[] = [];
  #main: Running<T> | undefined;
  /** Counts waits, so that an old timer does not end a new wait. */
  #wait = 0;

  constructor(place: ProcessPlace, onExit: (result: T) => void) {
    this.#place = place;
    this.#onExit = onExit;
    this.calls = {
      nowUs: place.clock.nowUs,
      connect: (dst, port) => this.#connect(dst, port),
      datagram: () => this.#datagram(),
      echo: () => this.#echo(),
      random: (count) => place.random.nextBelow(count),
    };
  }

  start(main: Running<T>): void {
    this.#main = main;
    this.#resume({ kind: "timeout" });
  }

  /** Notes an event; the process goes on once the namespace has done its present work. */
  #notify(event: ProcessEvent): void {
    this.#events.push({ event, cause: this.#place.netns.stack.cause });
    if (this.#events.length === 1) this.#wakeLater();
  }

  #wakeLater(): void {
    this.#place.clock.schedule(0, () => {
      const [first] = this.#events;
      if (first === undefined) return;
      this.#resume(first.event, first.cause);
      this.#events.shift();
      if (this.#events.length > 0) this.#wakeLater();
    });
  }

  /** Goes on; what the process sends now is because of the packet that brought the event. */
  #resume(event: ProcessEvent, cause?: number): void {
    const main = this.#main;
    if (main === undefined) return;
    const wait = ++this.#wait;
    const { stack } = this.#place.netns;
    stack.cause = cause;
    const step = main.next(event);
    stack.cause = undefined;
    if (step.done === true) {
      this.#main = undefined;
      this.#onExit(step.value);
      return;
    }
    const { timeoutUs } = step.value;
    if (timeoutUs === undefined) return;
    this.#place.clock.schedule(timeoutUs, () => {
      if (wait === this.#wait) this.#resume({ kind: "timeout" });
    });
  }

  #connect(dst: Addr, port: number): StreamSocket {
    const { netns } = this.#place;
    const socket: StreamSocket = {
      send: (bytes) => netns.run(() => connection?.send(bytes)),
      close: () => netns.run(() => connection?.close()),
      abort: () => netns.run(() => connection?.abort()),
    };
    const result = netns.connectTcp({
      to: { addr: dst, port },
      handlers: {
        onOpen: ({ local }) => this.#notify({ kind: "connected", socket, local: local.addr }),
        onData: (bytes) => this.#notify({ kind: "data", socket, bytes }),
        onEnd: () => this.#notify({ kind: "closed", socket }),
        onError: (errno) => this.#notify({ kind: "failed", socket, errno }),
      },
    });
    const connection = result.kind === "opening" ? result.connection : undefined;
    if (result.kind === "failed") this.#notify({ kind: "failed", socket, errno: result.errno });
    return socket;
  }

  #datagram(): DatagramSocket {
    const { netns } = this.#place;
    const opened = netns.openUdp({
      reportErrors: true,
      handlers: {
        onDatagram: ({ from, payload }) => {
          const bytes = payload.kind === "bytes" ? payload.bytes : new Uint8Array(0);
          this.#notify({ kind: "datagram", socket, bytes, from: from.addr, port: from.port });
        },
        onError: (errno) => this.#notify({ kind: "failed", socket, errno }),
      },
    });
    const socket: DatagramSocket = {
      send: (addr, port, bytes) => this.#sendDatagram(opened, addr, port, bytes),
      close: () => {
        if (opened !== undefined) netns.closeUdp(opened);
      },
    };
    return socket;
  }

  #sendDatagram(
    socket: ReturnType<Netns["openUdp"]>,
    addr: Addr,
    port: number,
    bytes: Uint8Array,
  ): Errno | undefined {
    const payload = { kind: "bytes", bytes } as const;
    const send = () => socket?.send({ to: { addr, port }, payload });
    return socket === undefined ? "EADDRNOTAVAIL" : this.#place.netns.run(send);
  }

  #echo(): EchoSocket {
    const { netns, random } = this.#place;
    const id = 1 + random.nextBelow(65535);
    const socket: EchoSocket = {
      send: (dst, seq, lengthBytes) =>
        netns.ping({
          dst,
          id,
          seq,
          lengthBytes,
          handlers: {
            onReply: (reply) => this.#notify({ kind: "echo-reply", socket, ...reply }),
            onError: (_errno, { from, type, code }) =>
              this.#notify({ kind: "echo-error", socket, from, seq, type, code }),
          },
        }),
      close: () => netns.closePing(id),
    };
    return socket;
  }
}
