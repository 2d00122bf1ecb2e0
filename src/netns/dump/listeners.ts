/** What listens, from `ss -Hlntu`: sockets of processes, without the processes. */
import { type Addr, tryParseAddr } from "../../addr/index.js";
import type { Listener } from "../config.js";
import type { DumpReport, DumpSource } from "./fields.js";

/** `tcp LISTEN 0 128 127.0.0.1%lo:53 0.0.0.0:*` */
const LINE = /^(tcp|udp|sctp)\s+\S+\s+\d+\s+\d+\s+(\S+):(\d+|\*)\s/;

/**
 * Reads the sockets that wait for connections or datagrams.
 *
 * Shape: one listener for each; those of both families at every address are one. A socket without a
 * port is left out.
 * Follows: iproute2 6.1 misc/ss.c `inet_addr_print`.
 */
export function parseListeners(
  text: string,
  at: { readonly source: DumpSource; readonly report: DumpReport },
): Listener[] {
  const listeners = new Map<string, Listener>();
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const [, protocol, place = "", port] = LINE.exec(`${line} `) ?? [];
    const addr = addrOf(place);
    if (protocol === undefined || addr === undefined) {
      const file = { file: at.source.file, line: index + 1 };
      const message = "is no line of ss";
      const expected = "what ss -Hlntu prints";
      at.report.faults.push({
        code: "bad-dump",
        path: "",
        value: line,
        message,
        expected,
        ...file,
      });
    } else if (port !== "*") {
      const listener = {
        protocol: protocol as Listener["protocol"],
        port: Number(port),
        ...(addr === "any" ? {} : { addr }),
        origin: { kind: "socket", file: at.source.file, line: index + 1 },
      };
      const key = `${protocol} ${addr === "any" ? "*" : addr} ${port}`;
      if (!listeners.has(key)) listeners.set(key, listener);
    }
  }
  return [...listeners.values()];
}

function addrOf(place: string): Addr | "any" | undefined {
  const bare = place.replace(/%[^\]]*/, "").replace(/^\[|\]$/g, "");
  if (bare === "*" || bare === "0.0.0.0" || bare === "::") return "any";
  return tryParseAddr(bare);
}
