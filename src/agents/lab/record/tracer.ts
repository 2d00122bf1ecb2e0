/**
 * Following packets through a namespace's hooks: a table of our own marks TCP and UDP packets, and
 * `nft monitor trace` tells what every chain says of them.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { inNetns } from "../../system/run.js";
import type { Agent } from "../agent/agent.js";

/**
 * The table comes before everything else, also before fragments are put together. Outer packets of
 * tunnels are left out.
 */
const TRACING = `table inet kubewire-trace {
  chain in {
    type filter hook prerouting priority -450; policy accept;
    udp dport { 4789, 8472 } return
    meta l4proto { tcp, udp } meta nftrace set 1
  }
  chain out {
    type filter hook output priority -450; policy accept;
    udp dport { 4789, 8472 } return
    meta l4proto { tcp, udp } meta nftrace set 1
  }
}
`;

/** A TCP packet with SYN alone, or a datagram with the payload that probes send (`xxxxxxxx…`). */
const FIRST = /\btcp flags == (syn|0x2)(?! [|])\b|\budp dport .* 0x(?:78){8,}\b/;

/** Listens to one namespace. */
export class Tracer {
  readonly #child: ChildProcess;
  #text = "";
  #heardAtMs = 0;

  private constructor(realName: string) {
    const [program, ...args] = inNetns(realName, ["nft", "monitor", "trace"]);
    this.#child = spawn(program, args, { stdio: ["ignore", "pipe", "ignore"] });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#text += text;
      this.#heardAtMs = performance.now();
    });
  }

  /** Marks packets in a namespace, and listens. */
  static async start(agent: Agent, realName: string): Promise<Tracer> {
    await agent.run(["nft", "-f", "-"], TRACING);
    return new Tracer(realName);
  }

  /** How long nothing was heard, milliseconds. */
  get quietMs(): number {
    return performance.now() - this.#heardAtMs;
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
      if (id === undefined || text === undefined) continue;
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

  /** Stops listening. */
  close(): void {
    this.#child.kill();
  }
}
