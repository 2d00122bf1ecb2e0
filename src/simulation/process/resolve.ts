/** Looking a name up from a process: the machine of `dns/resolver.ts` with real sockets. */
import type { Addr } from "../../addr/index.js";
import { decodeMessage, encodeMessage } from "../dns/message.js";
import type { DnsAnswer, DnsQuestion } from "../dns/record.js";
import {
  Lookup,
  type LookupOptions,
  type LookupResult,
  type LookupStep,
  type ResolverConfig,
} from "../dns/resolver.js";
import {
  type DatagramSocket,
  type ProcessEvent,
  type Running,
  type Syscalls,
  waitFor,
} from "./process.js";

/** Where DNS servers listen. */
const dnsPort = 53;

/** One question that went out. */
interface Asked {
  readonly id: number;
  readonly question: DnsQuestion;
}

/** Looks a name up, over UDP to the servers of the configuration. */
export function* resolve(
  calls: Syscalls,
  config: ResolverConfig,
  name: string,
  options: LookupOptions = {},
): Running<LookupResult> {
  const lookup = new Lookup(name, config, options);
  const socket = calls.datagram();
  let step = lookup.start();
  let asked: Asked[] = [];
  while (step.result === undefined) {
    if (step.ask !== undefined && step.server !== undefined) {
      asked = ask(calls, socket, step.server, step.ask);
    }
    step = yield* awaitAnswer(calls, socket, { lookup, asked, step });
  }
  socket.close();
  return step.result;
}

function ask(
  calls: Syscalls,
  socket: DatagramSocket,
  server: Addr,
  questions: readonly DnsQuestion[],
): Asked[] {
  return questions.map((question) => {
    const id = calls.random(65536);
    socket.send(server, dnsPort, encodeMessage({ id, question, recursionDesired: true }));
    return { id, question };
  });
}

interface Awaiting {
  readonly lookup: Lookup;
  readonly asked: readonly Asked[];
  readonly step: LookupStep;
}

/** Waits until the look-up has something new to do. */
function* awaitAnswer(
  calls: Syscalls,
  socket: DatagramSocket,
  { lookup, asked, step }: Awaiting,
): Running<LookupStep> {
  const untilUs = calls.nowUs() + (step.timeoutUs ?? 0);
  for (;;) {
    const event = yield* waitFor(calls, untilUs, (e) => readAnswer(e, socket, asked));
    if (event === "timeout" || event === "failed") return lookup.expire();
    const next = lookup.receive(event.question, event.answer);
    if (next.ask !== undefined || next.result !== undefined) return next;
  }
}

function readAnswer(
  event: ProcessEvent,
  socket: DatagramSocket,
  asked: readonly Asked[],
): { readonly question: DnsQuestion; readonly answer: DnsAnswer } | "failed" | undefined {
  if (event.kind === "failed" && event.socket === socket) return "failed";
  if (event.kind !== "datagram" || event.socket !== socket) return undefined;
  const message = decodeMessage(event.bytes);
  if (message?.answer === undefined) return undefined;
  const matching = asked.find(({ id }) => id === message.id);
  return matching === undefined
    ? undefined
    : { question: matching.question, answer: message.answer };
}

/** The address a program takes from a look-up: IPv6 first where it has such an address (RFC 6724). */
export function preferredAddrs(
  addrs: readonly Addr[],
  families: readonly string[],
): readonly Addr[] {
  const usable = addrs.filter((addr) => families.includes(addr.family));
  return [...usable.filter((a) => a.family === "ip6"), ...usable.filter((a) => a.family === "ip4")];
}
