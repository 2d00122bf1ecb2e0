/** Short names for long texts, as kernels' tables need them. */

const PRIME = 0x01000193;

/**
 * Ten letters and digits that stand for a text: two 32-bit FNV-1a sums with different beginnings.
 * Equal texts have equal names on any machine.
 */
export function shortHash(text: string): string {
  return sum(text, 0x811c9dc5) + sum(text, 0x5bd1e995);
}

function sum(text: string, start: number): string {
  let hash = start;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), PRIME);
  return (hash >>> 0).toString(32).padStart(7, "0").slice(-5);
}
