/**
 * SHA-256 of short ASCII texts, for the names of chains. A large cluster needs a hundred thousand of
 * them at once, which general libraries make four times as dear; the result is compared with Node's
 * own in the tests.
 */

/** Cube roots of the first 64 primes, as FIPS 180-4 §4.2.2 lists them. */
const ROUND_CONSTANTS = fractionsOfRoots(64, Math.cbrt);
/** Square roots of the first 8 primes (FIPS 180-4 §5.3.3). */
const INITIAL_STATE = fractionsOfRoots(8, Math.sqrt);

/** Room to work in. Nothing in it outlives a call, but making it anew takes longer than hashing. */
const STATE = new Int32Array(8);
const WORDS = new Int32Array(64);

/**
 * Hashes two texts of ASCII characters as if they were one; most names have their beginning in
 * common, and putting the two together costs as much as hashing them.
 *
 * Returns: the first three of the eight words of the digest, which is more than any name needs.
 * Follows: FIPS 180-4 §6.2.
 */
export function sha256Words(text: string, more = ""): readonly [number, number, number] {
  const state = STATE;
  const words = WORDS;
  state.set(INITIAL_STATE);
  words.fill(0, 0, 16);
  const first = text.length;
  const length = first + more.length;
  for (let i = 0; i < length; i++) {
    const at = i & 63;
    const code = i < first ? text.charCodeAt(i) : more.charCodeAt(i - first);
    words[at >> 2] = (words[at >> 2] as number) | (code << (24 - ((at & 3) << 3)));
    if (at === 63) {
      digestBlock(state, words);
      words.fill(0, 0, 16);
    }
  }
  const at = length & 63;
  words[at >> 2] = (words[at >> 2] as number) | (0x80 << (24 - ((at & 3) << 3)));
  if (at >= 56) {
    digestBlock(state, words);
    words.fill(0, 0, 16);
  }
  words[15] = length * 8;
  digestBlock(state, words);
  return [state[0] as number, state[1] as number, state[2] as number];
}

/** One block of 16 words; `words` is scratch space for all 64. */
function digestBlock(state: Int32Array, words: Int32Array): void {
  for (let i = 16; i < 64; i++) {
    const x = words[i - 15] as number;
    const y = words[i - 2] as number;
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    words[i] = ((words[i - 16] as number) + s0 + (words[i - 7] as number) + s1) | 0;
  }
  let a = state[0] as number;
  let b = state[1] as number;
  let c = state[2] as number;
  let d = state[3] as number;
  let e = state[4] as number;
  let f = state[5] as number;
  let g = state[6] as number;
  let h = state[7] as number;
  for (let i = 0; i < 64; i++) {
    const e1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const choice = (e & f) ^ (~e & g);
    const t1 = (h + e1 + choice + (ROUND_CONSTANTS[i] as number) + (words[i] as number)) | 0;
    const a0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (a0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  state[0] = (state[0] as number) + a;
  state[1] = (state[1] as number) + b;
  state[2] = (state[2] as number) + c;
  state[3] = (state[3] as number) + d;
  state[4] = (state[4] as number) + e;
  state[5] = (state[5] as number) + f;
  state[6] = (state[6] as number) + g;
  state[7] = (state[7] as number) + h;
}

function fractionsOfRoots(count: number, root: (n: number) => number): Int32Array {
  const fractions = new Int32Array(count);
  let found = 0;
  for (let n = 2; found < count; n++) {
    if (!isPrime(n)) continue;
    const value = root(n);
    fractions[found++] = (value - Math.floor(value)) * 2 ** 32;
  }
  return fractions;
}

function isPrime(n: number): boolean {
  for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
  return true;
}
