/** Sequence numbers: unsigned 32 bits that wrap around. */

/** `a + count`, wrapped. */
export function seqAdd(a: number, count: number): number {
  return (a + count) >>> 0;
}

/** Whether `a` comes before `b` (RFC 9293 §3.4). */
export function seqBefore(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}
