/** HTTP/1.1 as far as a short request and its response need it (RFC 9112). */

/** A response that arrived whole. */
export interface HttpResponse {
  readonly statusLine: string;
  readonly status: number;
  /** Header lines, without the status line. */
  readonly headers: readonly string[];
  readonly body: string;
}

/** Text as bytes, one per letter (ISO 8859-1). */
export function toBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** Most letters made from bytes in one call. */
const chunk = 4096;

/** Bytes as text, one letter per byte. */
export function toText(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += chunk) {
    text += String.fromCharCode(...bytes.subarray(at, at + chunk));
  }
  return text;
}

/** Writes a request. */
export function printRequest(
  method: string,
  path: string,
  headers: readonly string[],
  body = "",
): string {
  return `${[`${method} ${path} HTTP/1.1`, ...headers].join("\r\n")}\r\n\r\n${body}`;
}

/** Writes a response with its length. */
export function printResponse(
  status: string,
  headers: readonly string[],
  body: string,
  sendBody = true,
): string {
  const all = [`HTTP/1.1 ${status}`, ...headers, `Content-Length: ${body.length}`];
  return `${all.join("\r\n")}\r\n\r\n${sendBody ? body : ""}`;
}

/**
 * Reads a response.
 *
 * Shape: `ended` says that the connection was closed, which ends a body of unknown length.
 * Returns: undefined while something is missing; `nonsense` when it is no HTTP.
 */
export function parseResponse(
  text: string,
  ended: boolean,
  hasBody = true,
): HttpResponse | "nonsense" | undefined {
  const probe = "HTTP/1.";
  if (!text.startsWith(probe.slice(0, text.length))) return "nonsense";
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [statusLine = "", ...headers] = text.slice(0, end).split("\r\n");
  const rest = text.slice(end + 4);
  const length = headers
    .map((line) => /^content-length:\s*(\d+)/i.exec(line)?.[1])
    .find((value) => value !== undefined);
  const wanted = hasBody ? (length === undefined ? undefined : Number(length)) : 0;
  if (wanted === undefined ? !ended : rest.length < wanted) return undefined;
  const status = Number(statusLine.split(" ")[1] ?? 0);
  return { statusLine, status, headers, body: rest.slice(0, wanted ?? rest.length) };
}

/** Whether a request has arrived whole, and its first line and length. */
export function parseRequest(
  text: string,
): { readonly method: string; readonly path: string; readonly lengthBytes: number } | undefined {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [first = "", ...headers] = text.slice(0, end).split("\r\n");
  const length = headers
    .map((line) => /^content-length:\s*(\d+)/i.exec(line)?.[1])
    .find((value) => value !== undefined);
  const lengthBytes = end + 4 + Number(length ?? 0);
  if (text.length < lengthBytes) return undefined;
  const [method = "", path = "/"] = first.split(" ");
  return { method, path, lengthBytes };
}
