/** Checksums one byte and one bit at a time: twins of `checksum.ts` and `crc32c.ts`. */

/** The internet checksum: ones' complement addition of one byte after the other. */
export function internetChecksumSlow(bytes: Uint8Array): number {
  let sum = 0;
  bytes.forEach((byte, i) => {
    sum += i % 2 === 0 ? byte * 256 : byte;
    if (sum > 0xffff) sum -= 0xffff;
  });
  return 0xffff - sum;
}

/** CRC32c by its polynomial, bit by bit, lowest bit first. */
export function crc32cSlow(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc = (crc ^ byte) >>> 0;
    for (let bit = 0; bit < 8; bit++) {
      const isOdd = crc % 2 === 1;
      crc = Math.floor(crc / 2);
      if (isOdd) crc = (crc ^ 0x82f63b78) >>> 0;
    }
  }
  return (crc ^ 0xffffffff) >>> 0;
}
