/**
 * Following packets through a namespace's hooks: a table of our own marks TCP, UDP and echo packets, and
 * `nft monitor trace` tells what every chain says of them.
 */
import { RefusedError } from "../../../base/index.js";
import type { Agent } from "../agent/agent.js";

/**
 * Where a namespace's own markers are sent to, one port after the other: they are told of like any
 * packet, and go no further.
 */
const MARKERS = { first: 65_400, last: 65_499 };
const MARKER = /\budp dport (654\d\d)\b/;

/**
 * The table comes before everything else, also before fragments are put together. Outer packets of
 * tunnels are left out.
 */
const TRACING = `table inet kubewire-trace {
  chain in {
    type filter hook prerouting priority -450; policy accept;
    udp dport { 4789, 8472 } return
    meta l4proto { tcp, udp } meta nftrace set 1
    icmp type echo-request meta nftrace set 1
    icmpv6 type echo-request meta nftrace set 1
  }
  chain out {
    type filter hook output priority -450; policy accept;
    ip daddr 127.0.0.1 udp dport ${MARKERS.first}-${MARKERS.last} meta nftrace set 1 drop
    udp dport { 4789, 8472 } return
    meta l4proto { tcp, udp } meta nftrace set 1
    icmp type echo-request meta nftrace set 1
    icmpv6 type echo-request meta nftrace set 1
  }
}
`;

/** A TCP packet with SYN alone, a datagram with the payload that probes send, or an echo request. */
const FIRST =
  /\btcp flags == (syn|0x2)(?! [|])\b|\budp dport .* 0x(?:78){8,}\b|\bicmp(v6)? type echo-request\b/;

/** How long a marker is waited for, milliseconds: under a monitor that listens, and before. */
const PATIENCE_MS = 10_000;
const START_MS = 100;
const START_TRIES = 100;

/** Listens to one namespace. */
export class Tracer {
  readonly #agent: Agent;
  #text = "";
  #port = MARKERS.first;
  #onText: () => unknown = () => {};

  private constructor(agent: Agent) {
    this.#agent = agent;
    agent.onPrinted = (text) => {
      this.#text += text;
      this.#onText();
    };
  }

  /** Marks packets in a namespace, and listens. */
  static async start(agent: Agent): Promise<Tracer> {
    await agent.run(["nft", "-f", "-"], TRACING);
    const tracer = new Tracer(agent);
    await agent.watch(["nft", "monitor", "trace"]);
    // It takes a moment until the monitor listens.
    for (let tries = 0; tries < START_TRIES; tries++) {
      if (await tracer.#mark(START_MS)) return tracer;
    }
    throw tracer.#lost();
  }

  /**
   * Waits until everything that happened before is told: a marker is sent behind it.
   *
   * Errors: `RefusedError` `ENOBUFS` when the marker is not told of, for then other things may be lost.
   */
  async drain(): Promise<void> {
    if (!(await this.#mark(PATIENCE_MS))) throw this.#lost();
  }

  /** Sends a marker; whether it was told of in time. */
  async #mark(patienceMs: number): Promise<boolean> {
    const port = this.#port;
    this.#port = port === MARKERS.last ? MARKERS.first : port + 1;
    const isTold = () => this.#text.includes(`udp dport ${port}`);
    await this.#agent.mark(port);
    return new Promise<boolean>((resolve) => {
      const end = (was: boolean) => {
        clearTimeout(timer);
        this.#onText = () => {};
        resolve(was);
      };
      const timer = setTimeout(() => end(false), patienceMs);
      this.#onText = () => isTold() && end(true);
      this.#onText();
    });
  }

  #lost(): RefusedError {
    return new RefusedError("ENOBUFS", `${this.#agent.name}: traces were lost`);
  }

  /** Forgets what was heard. */
  clear(): void {
    this.#text = "";
  }

  /**
   * The lines about a conversation's first packet, without the numbers that nft gives. A number is
   * neither one packet's alone nor the only one a packet has (it is made of the flow, the link and
   * a place in memory), so each line that shows a packet says anew what its number stands for. A
   * packet that is sent again looks as the first one did, but for its identification or flow label;
   * one that comes by a second time, from another node, does not.
   */
  firstPacket(): string[] {
    const isFirst = new Map<string, boolean>();
    const kept: string[] = [];
    let start: string | undefined;
    for (const line of this.#text.split("\n")) {
      const [, id, text] = /^trace id (\S+) (.*)$/.exec(line.trim()) ?? [];
      if (id === undefined || text === undefined || MARKER.test(text)) continue;
      const [place, packet] = text.split(" packet: ");
      if (packet !== undefined) isFirst.set(id, FIRST.test(packet));
      if (!isFirst.get(id)) continue;
      const look = packet && `${place} ${packet.replace(/\b(ip id|ip6 flowlabel) \d+/, "")}`;
      if (look !== undefined && look === start) break;
      start ??= look;
      kept.push(text);
    }
    return kept;
  }
}
