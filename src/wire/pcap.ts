/** Captures: bytes in the pcap format that tcpdump and Wireshark read. Times are handed in. */

/** One captured frame. */
export interface CapturedFrame {
  readonly atUs: number;
  readonly bytes: Uint8Array;
}

/** The link type of Ethernet in both formats. */
export const LINKTYPE_ETHERNET = 1;

/** Frames are cut at this length by readers; ours are shorter. */
export const SNAP_BYTES = 262_144;

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const US_PER_SECOND = 1_000_000;

/**
 * Writes a classic pcap file, little-endian, in microseconds.
 *
 * Follows: draft-ietf-opsawg-pcap.
 */
export function encodePcap(frames: readonly CapturedFrame[]): Uint8Array {
  const total = frames.reduce((sum, frame) => sum + 16 + frame.bytes.length, 24);
  const file = new Uint8Array(total);
  const view = new DataView(file.buffer);
  view.setUint32(0, MAGIC_MICROSECONDS, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, SNAP_BYTES, true);
  view.setUint32(20, LINKTYPE_ETHERNET, true);
  let at = 24;
  for (const { atUs, bytes } of frames) {
    view.setUint32(at, Math.floor(atUs / US_PER_SECOND), true);
    view.setUint32(at + 4, atUs % US_PER_SECOND, true);
    view.setUint32(at + 8, bytes.length, true);
    view.setUint32(at + 12, bytes.length, true);
    file.set(bytes, at + 16);
    at += 16 + bytes.length;
  }
  return file;
}
