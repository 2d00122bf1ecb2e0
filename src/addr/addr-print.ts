/** Address text out: dotted IPv4 and the canonical IPv6 form of RFC 5952. */

/** Prints an IPv4 address from its 32-bit word. */
export function printIp4(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`;
}

/**
 * Prints an IPv6 address from its four unsigned words.
 *
 * Follows: RFC 5952 §4 (lower case, no leading zeros, the first longest run of at least two zero
 * groups as `::`) and §5 (dotted last word for IPv4-mapped addresses, the only prefix known to
 * embed IPv4 without context).
 */
export function printIp6(words: readonly [number, number, number, number]): string {
  const [w0, w1, w2, w3] = words;
  if (w0 === 0 && w1 === 0 && w2 === 0xffff) return `::ffff:${printIp4(w3)}`;
  const groups = words.flatMap((word) => [word >>> 16, word & 0xffff]);
  const run = findZeroRun(groups);
  const hex = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(":");
  if (run.length < 2) return hex(0, 8);
  return `${hex(0, run.start)}::${hex(run.start + run.length, 8)}`;
}

function findZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  groups.forEach((group, i) => {
    length = group === 0 ? length + 1 : 0;
    if (length > best.length) best = { start: i - length + 1, length };
  });
  return best;
}
