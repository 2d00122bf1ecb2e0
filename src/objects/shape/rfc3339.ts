/**
 * Reading moments as Go's time package reads RFC 3339: an hour of one digit is allowed, a fraction of
 * a second is read past, and what is wrong is told in its words.
 */
import { daysFromCivil, daysInMonth } from "./clock-time.js";

const LAYOUT = "2006-01-02T15:04:05Z07:00";

/** Seconds since 1970, or what is wrong with the text. */
export type TimeReading =
  | { readonly seconds: number; readonly wrong?: undefined }
  | { readonly wrong: string };

/** One number of the layout: how the layout spells it, the least digits, and its range. */
interface Part {
  readonly name: string;
  readonly layout: string;
  readonly form: RegExp;
  readonly range: readonly [number, number];
  /** What follows it in the layout. */
  readonly next: string;
}

const PARTS: readonly Part[] = [
  { name: "year", layout: "2006", form: /^\d{4}/, range: [0, 9999], next: "-" },
  { name: "month", layout: "01", form: /^\d\d/, range: [1, 12], next: "-" },
  { name: "day", layout: "02", form: /^\d\d/, range: [0, 99], next: "T" },
  { name: "hour", layout: "15", form: /^\d\d?/, range: [0, 23], next: ":" },
  { name: "minute", layout: "04", form: /^\d\d/, range: [0, 59], next: ":" },
  { name: "second", layout: "05", form: /^\d\d/, range: [0, 59], next: "" },
];

/**
 * Reads an RFC 3339 time.
 *
 * Follows: Go 1.25 time/format.go `parse` with the layout RFC3339, as apimachinery v0.35
 * pkg/apis/meta/v1/time.go `UnmarshalJSON` calls it.
 */
export function readTime(text: string): TimeReading {
  const numbers: number[] = [];
  let rest = text;
  for (const part of PARTS) {
    const digits = part.form.exec(rest)?.[0];
    if (digits === undefined) return unreadable(text, rest, part.layout);
    const value = Number(digits);
    const [least, most] = part.range;
    if (value < least || value > most) return outOfRange(text, part.name);
    numbers.push(value);
    rest = rest.slice(digits.length);
    if (!rest.startsWith(part.next)) return unreadable(text, rest, part.next);
    rest = rest.slice(part.next.length);
  }
  const zone = readZone(text, rest.replace(/^[.,]\d+/, ""));
  if (zone.wrong !== undefined) return zone;
  const [year, month, day, hour, minute, second] = numbers as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (day < 1 || day > daysInMonth(year, month)) return outOfRange(text, "day");
  const ofDay = hour * 3600 + minute * 60 + second;
  return { seconds: daysFromCivil(year, month, day) * 86400 + ofDay - zone.seconds };
}

/** Reads `Z` or `+02:00` to the end of the text; seconds east of UTC. */
function readZone(text: string, rest: string): TimeReading {
  let length = 1;
  let seconds = 0;
  if (!rest.startsWith("Z")) {
    const match = /^([+-])(\d\d):(\d\d)/.exec(rest);
    if (match === null) return unreadable(text, rest, "Z07:00");
    const [hours, minutes] = [Number(match[2]), Number(match[3])];
    if (hours > 24) return outOfRange(text, "time zone offset hour");
    if (minutes > 60) return outOfRange(text, "time zone offset minute");
    length = 6;
    seconds = (match[1] === "-" ? -60 : 60) * (hours * 60 + minutes);
  }
  if (rest.length === length) return { seconds };
  return {
    wrong: `parsing time ${quoteBytes(text)}: extra text: ${quoteBytes(rest.slice(length))}`,
  };
}

function unreadable(text: string, rest: string, layout: string): { readonly wrong: string } {
  const as = `as ${quoteBytes(LAYOUT)}: cannot parse ${quoteBytes(rest)} as ${quoteBytes(layout)}`;
  return { wrong: `parsing time ${quoteBytes(text)} ${as}` };
}

function outOfRange(text: string, name: string): { readonly wrong: string } {
  return { wrong: `parsing time ${quoteBytes(text)}: ${name} out of range` };
}

/** Quotes a text as errors of Go's time package do: bytes that are not plain ASCII in hexadecimal. */
function quoteBytes(text: string): string {
  let out = "";
  for (const byte of new TextEncoder().encode(text)) {
    const char = String.fromCharCode(byte);
    if (byte < 0x20 || byte >= 0x80) out += `\\x${byte.toString(16).padStart(2, "0")}`;
    else out += char === '"' || char === "\\" ? `\\${char}` : char;
  }
  return `"${out}"`;
}

/** Seconds since 1970 of an RFC 3339 time; undefined where the text is none. */
export function parseTime(text: string): number | undefined {
  const reading = readTime(text);
  return reading.wrong === undefined ? reading.seconds : undefined;
}
