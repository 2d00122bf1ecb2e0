/**
 * The lines of all Services in shared chains. Every sync sends them all, and most change none of
 * them, so they are kept joined in blocks: a change puts one block together again.
 */
import type { SortedTable } from "../sorted-table.js";

/** What one Service has in shared chains. */
export interface SharedLines {
  readonly filter: string;
  readonly nat: string;
}

/** The lines of all Services, in order of their names. */
export interface SharedText {
  /** Of `BLOCK_SERVICES` Services each. */
  readonly blocks: readonly SharedLines[];
}

/** Services in a block: about the root of the largest clusters. */
const BLOCK_SERVICES = 128;

/** No Services. */
export const NO_SHARED_TEXT: SharedText = { blocks: [] };

/**
 * The text after a change of some Services; `changed` undefined means all.
 *
 * Cost: the blocks of the changed Services; all of them when a Service came or went.
 */
export function changeShared(
  text: SharedText,
  services: SortedTable<SharedLines>,
  since: {
    readonly before: SortedTable<SharedLines>;
    readonly changed: readonly string[] | undefined;
  },
): SharedText {
  const { before, changed } = since;
  if (changed === undefined || before.keys !== services.keys) {
    const count = Math.ceil(services.keys.length / BLOCK_SERVICES);
    return { blocks: Array.from({ length: count }, (_, i) => joinBlock(services, i)) };
  }
  const touched = new Set<number>();
  for (const name of changed) {
    const at = services.indexOf(name);
    const [old, now] = [before.values[at], services.values[at]];
    if (old?.nat !== now?.nat || old?.filter !== now?.filter) {
      touched.add(Math.floor(at / BLOCK_SERVICES));
    }
  }
  if (touched.size === 0) return text;
  return {
    blocks: text.blocks.map((block, i) => (touched.has(i) ? joinBlock(services, i) : block)),
  };
}

/** The nat lines of all Services, with other text in place of that of some. */
export function interleave(
  { blocks }: SharedText,
  services: SortedTable<SharedLines>,
  replacements: ReadonlyMap<string, string>,
): string {
  const touched = new Set<number>();
  for (const name of replacements.keys()) {
    touched.add(Math.floor(services.indexOf(name) / BLOCK_SERVICES));
  }
  const pieces = blocks.map((block, i) => {
    if (!touched.has(i)) return block.nat;
    let text = "";
    for (let at = i * BLOCK_SERVICES; at < (i + 1) * BLOCK_SERVICES; at++) {
      const name = services.keys[at];
      if (name === undefined) break;
      text += replacements.get(name) ?? services.values[at]?.nat ?? "";
    }
    return text;
  });
  return pieces.join("");
}

function joinBlock({ values }: SortedTable<SharedLines>, index: number): SharedLines {
  const part = values.slice(index * BLOCK_SERVICES, (index + 1) * BLOCK_SERVICES);
  return { filter: part.map((p) => p.filter).join(""), nat: part.map((p) => p.nat).join("") };
}
