/**
 * Bob Jenkins' hash as the kernel has it, over bytes and over words, as a little-endian machine
 * computes it. NAT chooses addresses by it, and rules of nftables can ask for it.
 *
 * Follows: Linux 6.18 include/linux/jhash.h `jhash`, `jhash2`.
 */

const INITIAL = 0xdeadbeef;
/** Words that one round takes in. */
const ROUND = 3;

/** Hashes bytes with a seed. */
export function jhash(bytes: readonly number[], seed: number): number {
  const words: number[] = [];
  for (let at = 0; at < bytes.length; at += 4) words.push(wordAt(bytes, at));
  return hashWords(words, bytes.length, seed);
}

/** Hashes words with a seed. */
export function jhash2(words: readonly number[], seed: number): number {
  return hashWords(words, words.length * 4, seed);
}

function wordAt(bytes: readonly number[], at: number): number {
  const byte = (offset: number) => bytes[at + offset] ?? 0;
  return byte(0) | (byte(1) << 8) | (byte(2) << 16) | (byte(3) << 24);
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function hashWords(words: readonly number[], lengthBytes: number, seed: number): number {
  let a = (INITIAL + lengthBytes + seed) | 0;
  let b = a;
  let c = a;
  let at = 0;
  for (; words.length - at > ROUND; at += ROUND) {
    a = (a + (words[at] ?? 0)) | 0;
    b = (b + (words[at + 1] ?? 0)) | 0;
    c = (c + (words[at + 2] ?? 0)) | 0;
    a = (a - c) ^ rotate(c, 4);
    c = (c + b) | 0;
    b = (b - a) ^ rotate(a, 6);
    a = (a + c) | 0;
    c = (c - b) ^ rotate(b, 8);
    b = (b + a) | 0;
    a = (a - c) ^ rotate(c, 16);
    c = (c + b) | 0;
    b = (b - a) ^ rotate(a, 19);
    a = (a + c) | 0;
    c = (c - b) ^ rotate(b, 4);
    b = (b + a) | 0;
  }
  if (at === words.length) return c >>> 0;
  a = (a + (words[at] ?? 0)) | 0;
  b = (b + (words[at + 1] ?? 0)) | 0;
  c = (c + (words[at + 2] ?? 0)) | 0;
  c = ((c ^ b) - rotate(b, 14)) | 0;
  a = ((a ^ c) - rotate(c, 11)) | 0;
  b = ((b ^ a) - rotate(a, 25)) | 0;
  c = ((c ^ b) - rotate(b, 16)) | 0;
  a = ((a ^ c) - rotate(c, 4)) | 0;
  b = ((b ^ a) - rotate(a, 14)) | 0;
  c = ((c ^ b) - rotate(b, 24)) | 0;
  return c >>> 0;
}
