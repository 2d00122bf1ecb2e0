/**
 * The files host-local keeps for one network, as a value: one per address, named after it, holding
 * who has it; one pointer per range set; and the lock. Names and contents are the plugin's own, so
 * that a real directory can be read into this value and its effects carried out on it.
 */
import { type Addr, tryParseAddr } from "../../addr/index.js";

/** File name → content. Iterated in lexical order of names wherever order matters. */
export type Leases = ReadonlyMap<string, string>;

/** Who holds an address: a container and one of its interfaces. */
export interface Holder {
  readonly containerId: string;
  readonly ifname: string;
}

/** One change of the files. In order they can be carried out, or cut short to study a crash. */
export type Effect =
  | { readonly kind: "create"; readonly file: string; readonly content: string }
  | { readonly kind: "write"; readonly file: string; readonly content: string }
  | { readonly kind: "remove"; readonly file: string };

/** No file at all: a network that was never used. */
export const NO_LEASES: Leases = new Map();

/** The files after some effects. */
export function applyEffects(leases: Leases, effects: readonly Effect[]): Leases {
  if (effects.length === 0) return leases;
  const next = new Map(leases);
  for (const effect of effects) {
    if (effect.kind === "remove") next.delete(effect.file);
    else next.set(effect.file, effect.content);
  }
  return next;
}

/** Name of the file that remembers the address a range set gave last. */
export function pointerFile(setIndex: number): string {
  return `last_reserved_ip.${setIndex}`;
}

/** Content of an address's file. */
export function holderContent({ containerId, ifname }: Holder): string {
  return `${containerId.trim()}\r\n${ifname}`;
}

/** Files of a holder, in lexical order. Any file counts whose whole trimmed content is the key. */
export function filesOf(leases: Leases, holder: Holder): string[] {
  return filesWith(leases, holderContent(holder));
}

/** Files written by old releases, which hold the container alone. */
export function legacyFilesOf(leases: Leases, holder: Holder): string[] {
  return filesWith(leases, holder.containerId.trim());
}

/** Addresses among some file names. */
export function addrsOf(files: readonly string[]): Addr[] {
  return files.flatMap((file) => tryParseAddr(file) ?? []);
}

function filesWith(leases: Leases, content: string): string[] {
  const found: string[] = [];
  for (const [file, text] of leases) if (text.trim() === content) found.push(file);
  return found.sort((a, b) => (a < b ? -1 : 1));
}
