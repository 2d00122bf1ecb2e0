/** The internet checksum (RFC 1071), two bytes at a time. Its twin is `checksum.reference.ts`. */

/**
 * Sums bytes as 16-bit words onto `start`; an odd last byte counts as the upper half of a word.
 * The sum is kept below 2^32 by folding once per call, so chains of calls stay exact.
 */
export function sumWords(bytes: Uint8Array, start = 0): number {
  let sum = start;
  const evenLength = bytes.length & ~1;
  for (let i = 0; i < evenLength; i += 2) {
    sum += ((bytes[i] as number) << 8) | (bytes[i + 1] as number);
  }
  if (evenLength < bytes.length) sum += (bytes[evenLength] as number) << 8;
  return fold(sum);
}

/** The internet checksum of bytes, with a sum to start from (a pseudo header). */
export function internetChecksum(bytes: Uint8Array, start = 0): number {
  return ~sumWords(bytes, start) & 0xffff;
}

/** Brings carries back in at the low end. */
function fold(sum: number): number {
  let rest = sum;
  while (rest > 0xffff) rest = Math.floor(rest / 0x10000) + (rest % 0x10000);
  return rest;
}
