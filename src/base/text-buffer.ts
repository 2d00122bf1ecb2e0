/**
 * Long texts put together from many short pieces. A string made by adding is a tree of its pieces
 * until it is read; for tens of megabytes that tree costs more than the text. Here each piece is
 * copied once, as bytes.
 */

const FIRST_BYTES = 1 << 16;

/** Pieces with more characters are copied by the platform, shorter ones sooner by a loop. */
const LOOP_CHARS = 32;

const DECODER = new TextDecoder();
const ENCODER = new TextEncoder();

/**
 * A text that grows at its end.
 *
 * Units: positions and `length` are bytes of UTF-8.
 * Cost: `add` is linear in the piece; the room doubles when it is used up.
 *
 * @example
 * const buffer = new TextBuffer();
 * buffer.add("one ").add("line\n");
 * buffer.text() // "one line\n"
 */
export class TextBuffer {
  #bytes: Uint8Array;
  #length = 0;
  #lines = 0;

  /** An empty text, with room for so many bytes. */
  constructor(roomBytes: number = FIRST_BYTES) {
    this.#bytes = new Uint8Array(roomBytes);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** How many lines were ended. */
  get lineCount(): number {
    return this.#lines;
  }

  /** Adds a piece. */
  add(piece: string): this {
    const count = piece.length;
    const start = this.#length;
    if (start + count > this.#bytes.length) this.#grow(count);
    if (count > LOOP_CHARS) return this.#addLong(piece);
    const bytes = this.#bytes;
    for (let i = 0; i < count; i++) {
      const code = piece.charCodeAt(i);
      if (code > 127) return this.#addWide(piece);
      bytes[start + i] = code;
    }
    this.#length = start + count;
    return this;
  }

  /** Adds a last piece and the end of a line. */
  end(piece: string): this {
    this.add(piece);
    if (this.#length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#length++] = 10;
    this.#lines++;
    return this;
  }

  /** Adds whole lines, each with its end; `count` if it is known. */
  lines(text: string, count: number = countLines(text)): this {
    this.#lines += count;
    return this.add(text);
  }

  /** What was written between two positions. */
  text(start = 0, end: number = this.#length): string {
    return DECODER.decode(this.#bytes.subarray(start, end));
  }

  #addLong(piece: string): this {
    const { read, written } = ENCODER.encodeInto(piece, this.#bytes.subarray(this.#length));
    if (read < piece.length) return this.#addWide(piece);
    this.#length += written;
    return this;
  }

  #addWide(piece: string): this {
    const wide = ENCODER.encode(piece);
    if (this.#length + wide.length > this.#bytes.length) this.#grow(wide.length);
    this.#bytes.set(wide, this.#length);
    this.#length += wide.length;
    return this;
  }

  #grow(least: number): void {
    const room = Math.max(FIRST_BYTES, this.#bytes.length * 2, this.#length + least);
    const bytes = new Uint8Array(room);
    bytes.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = bytes;
  }
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  return count;
}
