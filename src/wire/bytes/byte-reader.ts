/** Reading bytes with every bound checked: what is missing or wrong becomes an `InputError`. */
import { type Addr, addrFromBytes, type Family, type Mac, macFromBytes } from "../../addr/index.js";
import { InputError } from "../../base/index.js";

/** Reads forward through bytes; `layer` names what is being read in faults. */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly layer: string;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array, layer: string) {
    this.bytes = bytes;
    this.layer = layer;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** How many bytes are left. */
  get left(): number {
    return this.bytes.length - this.#at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  addr(family: Family): Addr {
    return addrFromBytes(this.slice(family === "ip4" ? 4 : 16));
  }

  mac(): Mac {
    return macFromBytes(this.slice(6));
  }

  /** The next `length` bytes. */
  slice(length: number): Uint8Array {
    const at = this.#take(length);
    return this.bytes.subarray(at, at + length);
  }

  /** All that is left. */
  rest(): Uint8Array {
    return this.slice(this.left);
  }

  /** Refuses the bytes. */
  fail(code: string, message: string, value?: unknown): never {
    throw new InputError({
      code,
      path: this.layer,
      message,
      ...(value === undefined ? {} : { value }),
    });
  }

  /** Refuses the bytes unless `condition` holds. */
  expect(condition: boolean, message: string, value?: unknown): void {
    if (!condition) this.fail("bad-packet", message, value);
  }

  #take(length: number): number {
    if (length > this.left) {
      this.fail("short-packet", `has ${this.left} bytes left where ${length} are needed`);
    }
    const at = this.#at;
    this.#at += length;
    return at;
  }
}
