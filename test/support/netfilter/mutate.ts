/** Spoils texts: what a strange file, a cut-off dump or an attacker's one could look like. */
import type { Random } from "../../../src/base/index.js";

const PIECES = [
  '"',
  "\\",
  "\n",
  "\t",
  "{",
  "}",
  ",",
  ";",
  "!",
  "-",
  "--",
  "/",
  ":",
  "@",
  "*",
  "=",
  "|",
  "&",
  "(",
  ")",
  "0x",
  "-1",
  "99999999999999999999",
  "255.255.255.255/0",
  "fd00::/129",
  "__proto__",
  "constructor",
  "\u0000",
  "ü",
  "map",
  "vmap",
  "set",
  "-m",
  "-j",
  "-A",
  "COMMIT",
  "elements = {",
  "{{{{{{{{{{",
  " . ",
  "0.0.0.0-255.255.255.255",
  "1-65535",
  "mod 0",
  "/33",
  "a".repeat(300),
];

/** A text with one to six spoiled places. */
export function mutate(text: string, random: Random): string {
  let out = text;
  const count = 1 + random.nextBelow(6);
  for (let i = 0; i < count; i++) {
    const at = random.nextBelow(out.length + 1);
    const length = random.nextBelow(20);
    const piece = PIECES[random.nextBelow(PIECES.length)] as string;
    switch (random.nextBelow(5)) {
      case 0:
        out = out.slice(0, at) + out.slice(at + length);
        break;
      case 1:
        out = out.slice(0, at) + piece + out.slice(at);
        break;
      case 2:
        out = out.slice(0, at) + piece + out.slice(at + length);
        break;
      case 3: {
        const from = random.nextBelow(out.length + 1);
        out = out.slice(0, at) + out.slice(from, from + 3 * length) + out.slice(at);
        break;
      }
      default:
        out = out.slice(0, at) + String.fromCharCode(32 + random.nextBelow(95)) + out.slice(at + 1);
    }
  }
  return out;
}
