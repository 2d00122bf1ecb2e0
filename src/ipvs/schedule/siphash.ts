/** The kernel's hash for short inputs, in the form of 64-bit machines. */

const MASK = (1n << 64n) - 1n;

/**
 * HSipHash of one 32-bit number: SipHash-1-3 cut to 32 bits.
 *
 * Follows: Linux 6.1 lib/siphash.c `hsiphash_1u32` (BITS_PER_LONG == 64).
 */
export function hsiphash32(value: number, key: bigint): number {
  const word = (4n << 56n) | BigInt(value >>> 0);
  const v: [bigint, bigint, bigint, bigint] = [
    0x736f6d6570736575n ^ key,
    0x646f72616e646f6dn ^ key,
    0x6c7967656e657261n ^ key,
    0x7465646279746573n ^ key,
  ];
  v[3] ^= word;
  round(v);
  v[0] ^= word;
  v[2] ^= 0xffn;
  for (let i = 0; i < 3; i++) round(v);
  return Number((v[0] ^ v[1] ^ v[2] ^ v[3]) & 0xffffffffn);
}

function rotate(word: bigint, bits: bigint): bigint {
  return ((word << bits) | (word >> (64n - bits))) & MASK;
}

/** `SIPROUND`. */
function round(v: [bigint, bigint, bigint, bigint]): void {
  v[0] = (v[0] + v[1]) & MASK;
  v[1] = rotate(v[1], 13n) ^ v[0];
  v[0] = rotate(v[0], 32n);
  v[2] = (v[2] + v[3]) & MASK;
  v[3] = rotate(v[3], 16n) ^ v[2];
  v[0] = (v[0] + v[3]) & MASK;
  v[3] = rotate(v[3], 21n) ^ v[0];
  v[2] = (v[2] + v[1]) & MASK;
  v[1] = rotate(v[1], 17n) ^ v[2];
  v[2] = rotate(v[2], 32n);
}
