/**
 * Fragments that wait for the rest of their packet.
 */
import { type Packet, packetLength, packetProtocol, transportLength } from "../../wire/index.js";

interface Queue {
  readonly pieces: Packet[];
  readonly startedUs: number;
}

/** A packet that was put together, of how many pieces, and the length of the largest, bytes. */
export interface Reassembled {
  readonly packet: Packet;
  readonly count: number;
  readonly largest: number;
}

/** `net.ipv4.ipfrag_time`, 30 s; IPv6 has 60 s, which nothing here can tell apart. */
const KEEP_US = 30_000_000;
/** Packets that may be incomplete at one time; the oldest goes first. */
const QUEUES_MAX = 1024;

/**
 * The incomplete packets of one namespace.
 *
 * Not modelled: overlapping fragments, and the error that tells of a packet that stayed incomplete.
 */
export class FragmentStore {
  readonly #queues = new Map<string, Queue>();

  /** Adds a fragment. Returns the whole packet once all are there, and what its pieces were like. */
  add(packet: Packet, nowUs: number): Reassembled | undefined {
    const key = `${packet.src.key()} ${packet.dst.key()} ${packet.id} ${packetProtocol(packet)}`;
    const queue = this.#open(key, nowUs);
    queue.pieces.push(packet);
    const whole = join(queue.pieces);
    if (whole === undefined) return undefined;
    this.#queues.delete(key);
    const largest = Math.max(...queue.pieces.map(packetLength));
    return { packet: whole, count: queue.pieces.length, largest };
  }

  #open(key: string, nowUs: number): Queue {
    const found = this.#queues.get(key);
    if (found !== undefined && nowUs - found.startedUs < KEEP_US) return found;
    const queue = { pieces: [], startedUs: nowUs };
    this.#queues.delete(key);
    this.#queues.set(key, queue);
    const oldest = this.#queues.keys().next().value;
    if (this.#queues.size > QUEUES_MAX && oldest !== undefined) this.#queues.delete(oldest);
    return queue;
  }
}

function join(pieces: readonly Packet[]): Packet | undefined {
  const sorted = [...pieces].sort((a, b) => offsetOf(a) - offsetOf(b));
  let end = 0;
  for (const piece of sorted) {
    if (offsetOf(piece) !== end) return undefined;
    end += transportLength(piece.payload, piece.family);
  }
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first?.fragment?.whole === undefined || last?.fragment?.more !== false) return undefined;
  const { fragment, ...rest } = first;
  const { whole } = fragment;
  return whole === undefined ? undefined : { ...rest, payload: whole };
}

function offsetOf(packet: Packet): number {
  return packet.fragment?.offsetBytes ?? 0;
}
