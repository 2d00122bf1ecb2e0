/**
 * What is at the other end of each link: the peer of a veth pair, or a segment that several links
 * share. Peers are named in the configurations or handed in.
 */
import type { LinkConfig } from "../link/index.js";
import type { NetnsConfig } from "../netns/index.js";
import type { Frame } from "../wire/index.js";

/** One end of a wire. */
export interface WireEnd {
  readonly netns: string;
  readonly link: string;
}

/** How namespaces are joined, besides what their own configurations say. */
export interface Wiring {
  /** Pairs of ends; they win over what a veth's configuration says. */
  readonly wires?: readonly (readonly [WireEnd, WireEnd])[];
  /** Groups of ends that share one segment, as on a switch. */
  readonly segments?: readonly (readonly WireEnd[])[];
}

/** What a link is attached to. */
export interface Attachment {
  /** Where a frame arrives. */
  endsFor(frame: Frame): readonly WireEnd[];
}

/** What each link is attached to: by its namespace, then by its name. */
export type Attachments = ReadonlyMap<string, ReadonlyMap<string, Attachment>>;

/** Attaches every link that has another end. */
export function wire(
  configs: readonly NetnsConfig[],
  { wires = [], segments = [] }: Wiring,
): Attachments {
  const attachments = new Map(configs.map((c) => [c.name, new Map<string, Attachment>()]));
  const put = (end: WireEnd, attachment: Attachment) =>
    attachments.get(end.netns)?.set(end.link, attachment);
  const attach = (end: WireEnd, other: WireEnd) => {
    const ends = [other];
    put(end, { endsFor: () => ends });
  };
  for (const [a, b] of configs.flatMap(peersOf)) attach(a, b);
  for (const [a, b] of wires) {
    attach(a, b);
    attach(b, a);
  }
  const links = new Map(configs.flatMap((c) => c.links.map((l) => [`${c.name} ${l.name}`, l])));
  for (const segment of segments) {
    for (const end of segment) put(end, new SegmentPort(end, segment, links));
  }
  return attachments;
}

function peersOf(config: NetnsConfig): (readonly [WireEnd, WireEnd])[] {
  return config.links.flatMap(({ name, kind }) => {
    if (kind.kind !== "veth" || kind.peer === undefined) return [];
    const there = { netns: kind.peer.netns ?? config.name, link: kind.peer.link };
    return [[{ netns: config.name, link: name }, there] as const];
  });
}

function keyOf({ netns, link }: WireEnd): string {
  return `${netns} ${link}`;
}

/** A switch that knows the addresses of the links on it, and floods what it does not know. */
class SegmentPort implements Attachment {
  readonly #others: readonly WireEnd[];
  readonly #byMac = new Map<string, readonly WireEnd[]>();

  constructor(own: WireEnd, ends: readonly WireEnd[], links: ReadonlyMap<string, LinkConfig>) {
    this.#others = ends.filter((e) => keyOf(e) !== keyOf(own));
    for (const end of ends) {
      const mac = links.get(keyOf(end))?.mac;
      if (mac !== undefined) this.#byMac.set(mac.key(), keyOf(end) === keyOf(own) ? [] : [end]);
    }
  }

  endsFor({ dst }: Frame): readonly WireEnd[] {
    return this.#byMac.get(dst.key()) ?? this.#others;
  }
}
