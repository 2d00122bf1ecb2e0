/** `kubewire connections`: everything that the policies of some manifests allow. */
import { InputError, printOrigin } from "../../base/index.js";
import { loadManifests } from "../../objects/index.js";
import {
  type Connection,
  type Focus,
  type ListedEnd,
  listConnections,
  type Notice,
  noticesOf,
  policyProtocol,
  printConnection,
  readPolicies,
  workloadsOf,
} from "../../policy/index.js";
import { EXIT } from "../failure.js";
import { readManifests } from "../files.js";
import type { Terminal } from "../terminal.js";

/** What commander read. */
export interface ConnectionsFlags {
  readonly filename: readonly string[];
  readonly workload?: readonly string[];
  readonly peer?: readonly string[];
  readonly direction?: string;
  readonly port?: string;
  readonly json?: boolean;
}

/** Lists what policies allow between workloads, and with addresses outside; notices go to errors. */
export function runConnections(flags: ConnectionsFlags, terminal: Terminal): number {
  const { objects } = loadManifests(readManifests(flags.filename));
  const workloads = workloadsOf(objects);
  const input = { workloads, policies: readPolicies(objects), focus: focusOf(flags) };
  const list = listConnections(input);
  const notices = noticesOf(input);
  if (flags.json) {
    terminal.out(`${JSON.stringify({ connections: list.map(asData), notices })}\n`);
  } else {
    for (const each of notices) terminal.err(`${printNotice(each)}\n`);
    for (const each of list) terminal.out(`${printConnection(each)}\n`);
  }
  return EXIT.holds;
}

function focusOf({ workload, peer, direction, port }: ConnectionsFlags): Focus {
  if (direction !== undefined && direction !== "ingress" && direction !== "egress") {
    throw bad("--direction", direction, "ingress or egress");
  }
  return {
    ...(workload && { workloads: workload }),
    ...(peer && { peers: peer }),
    ...(direction && { direction }),
    ...(port && { on: parsePort(port) }),
  };
}

function parsePort(text: string): { protocol: number; port: number } {
  const [, name = "", number = ""] = /^(TCP|UDP|SCTP)\/(\d{1,5})$/.exec(text.toUpperCase()) ?? [];
  const port = Number(number);
  if (name === "" || port < 1 || port > 65535) throw bad("--port", text, "for instance TCP/80");
  return { protocol: policyProtocol(name), port };
}

function bad(path: string, value: string, expected: string): InputError {
  return new InputError({ code: "unknown-word", path, value, message: "is not known", expected });
}

function printNotice({ code, message, origin }: Notice): string {
  return `notice ${code}: ${message}${origin === undefined ? "" : ` (${printOrigin(origin)})`}`;
}

function asData({ src, dst, ports, varies }: Connection) {
  return { src: endData(src), dst: endData(dst), ports, varies };
}

function endData(end: ListedEnd) {
  if (end.kind === "outside") return { kind: end.kind, range: end.range.toString() };
  const { namespace, name, kind: owner } = end.workload;
  return { kind: end.kind, namespace, name, owner };
}
