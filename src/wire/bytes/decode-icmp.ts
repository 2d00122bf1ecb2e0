/** Bytes to ICMP messages of both families. */
import type { Addr, Family, Mac } from "../../addr/index.js";
import { InputError, unreachable } from "../../base/index.js";
import { Icmp4Type, Icmp4Unreachable, Icmp6Type, icmpBody } from "../icmp-type.js";
import type { Icmp, Packet, Payload } from "../packet.js";
import { ByteReader } from "./byte-reader.js";
import { internetChecksum } from "./checksum.js";
import { NdOption } from "./constants.js";
import type { DecodeContext } from "./decode-context.js";
import { type PseudoHeader, pseudoSum } from "./pseudo-header.js";

interface Around extends PseudoHeader {
  readonly family: Family;
  readonly isFragment: boolean;
}

interface Nested {
  readonly context: DecodeContext;
  readonly readPacket: (bytes: Uint8Array, context: DecodeContext) => Packet;
}

type Head = Pick<Icmp, "kind" | "type" | "code">;

/** Decodes an ICMP message; errors carry the packet they quote. */
export function decodeIcmp(bytes: Uint8Array, around: Around, nested: Nested): Icmp {
  const { family } = around;
  const { context } = nested;
  const reader = new ByteReader(bytes, family === "ip4" ? "icmp" : "icmp6");
  const head: Head = { kind: "icmp", type: reader.u8(), code: reader.u8() };
  reader.u16();
  if (context.verify && !context.isQuote && !around.isFragment) {
    const start = family === "ip4" ? 0 : pseudoSum(around, bytes.length);
    if (internetChecksum(bytes, start) !== 0) reader.fail("bad-checksum", "has a wrong checksum");
  }
  const body = icmpBody(family, head.type);
  switch (body) {
    case "echo":
      return { ...head, id: reader.u16(), seq: reader.u16(), payload: bytesOf(reader.rest()) };
    case "error":
      return decodeError(reader, head, { family, nested });
    case "neighbor": {
      const flags = reader.u32() >>> 24;
      const target = reader.addr("ip6");
      return { ...head, target, ...(flags === 0 ? {} : { flags }), ...readOptions(reader) };
    }
    case "solicitation":
      reader.u32();
      return { ...head, ...readOptions(reader) };
    case "plain":
      return { ...head, payload: bytesOf(reader.rest()) };
    default:
      return unreachable(body);
  }
}

function bytesOf(bytes: Uint8Array): Payload {
  return { kind: "bytes", bytes };
}

/** The link-layer address option, if it stands first; other options stay bytes. */
function readOptions(reader: ByteReader): { linkAddr?: Mac; payload: Payload } {
  const options = reader.rest();
  const [kind, units] = options;
  const isLinkAddr = kind === NdOption.sourceLinkAddr || kind === NdOption.targetLinkAddr;
  if (!isLinkAddr || units !== 1 || options.length < 8) return { payload: bytesOf(options) };
  const option = new ByteReader(options.subarray(2), reader.layer);
  return { linkAddr: option.mac(), payload: bytesOf(option.rest()) };
}

function decodeError(
  reader: ByteReader,
  head: Head,
  context: { readonly family: Family; readonly nested: Nested },
): Icmp {
  const word = reader.slice(4);
  const fields = { ...head, ...readErrorWord(word, head, context.family) };
  const rest = reader.rest();
  if (rest.length === 0) return { ...fields, payload: bytesOf(rest) };
  const { nested } = context;
  try {
    const deeper = { ...nested.context, verify: false, isQuote: true };
    const quoted = nested.readPacket(rest, { ...deeper, depth: nested.context.depth + 1 });
    return { ...fields, quoted, payload: bytesOf(new Uint8Array()) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { ...fields, payload: bytesOf(rest) };
  }
}

/** The second word of an error: an MTU, a gateway, or nothing. */
function readErrorWord(
  bytes: Uint8Array,
  head: Head,
  family: Family,
): { mtu?: number; target?: Addr } {
  const word = new ByteReader(bytes, "icmp");
  const { type, code } = head;
  if (family === "ip6") return type === Icmp6Type.packetTooBig ? { mtu: word.u32() } : {};
  if (type === Icmp4Type.redirect) return { target: word.addr("ip4") };
  const isTooBig = type === Icmp4Type.unreachable && code === Icmp4Unreachable.fragmentationNeeded;
  return isTooBig ? { mtu: word.u32() & 0xffff } : {};
}
