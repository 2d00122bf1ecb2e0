/**
 * The client's side of name resolution, as glibc does it: which names are tried in which order, which
 * server is asked when, and when to give up. A state machine on virtual time: it says what to send
 * and when to be woken; who runs it owns the sockets and the clock.
 *
 * Follows: glibc 2.36 resolv/res_query.c `__res_context_search`, resolv/res_send.c `send_dg`;
 * resolv.conf(5).
 * Not modelled: EDNS, retry over TCP of an answer that was cut, `rotate`, sorting by RFC 6724.
 */
import type { Addr } from "../../addr/index.js";
import { type DnsAnswer, type DnsQuestion, labelsOf, type RecordType, withDot } from "./record.js";

/** What a pod's resolv.conf says. */
export interface ResolverConfig {
  readonly servers: readonly Addr[];
  readonly search: readonly string[];
  readonly ndots: number;
  /** Per server and try. Default 5 s (`RES_TIMEOUT`). */
  readonly timeoutUs?: number;
  /** Rounds over all servers. Default 2 (`RES_DFLRETRY`). */
  readonly attempts?: number;
}

/** What a look-up came to. */
export type LookupResult =
  | {
      readonly kind: "found";
      /** The name that had an answer. */
      readonly name: string;
      readonly addrs: readonly Addr[];
      /** One per type asked for, in order. */
      readonly answers: readonly DnsAnswer[];
    }
  /** No candidate has an address (`EAI_NONAME`, `EAI_NODATA`). */
  | { readonly kind: "no-such-name"; readonly noData: boolean }
  /** No server answered, or none could (`EAI_AGAIN`). */
  | { readonly kind: "try-again" };

/** What ends a search: data of a type that was asked for, or any record at all, as nslookup does. */
export type Wanted = "data" | "any-record";

/** What the owner of the machine must do next. */
export interface LookupStep {
  /** Questions to send now, to `server`. */
  readonly ask?: readonly DnsQuestion[];
  readonly server?: Addr;
  /** When to call `expire` if not all answers came; microseconds from now. */
  readonly timeoutUs?: number;
  readonly result?: LookupResult;
}

const defaultTimeoutUs = 5_000_000;
const defaultAttempts = 2;

/**
 * The names that are tried for a name, in order.
 *
 * Returns: names ending in a dot. A name that ends in a dot is tried alone; one with at least
 * `ndots` dots is tried as it is first, any other last.
 */
export function candidatesOf(name: string, config: ResolverConfig): string[] {
  if (name.endsWith(".")) return [name];
  const asIs = withDot(name);
  const searched = config.search.map((domain) => withDot(`${name}.${domain}`));
  const dots = labelsOf(name).length - 1;
  const all = dots >= config.ndots ? [asIs, ...searched] : [...searched, asIs];
  return [...new Set(all)];
}

/** What is looked up. */
export interface LookupOptions {
  /** Default: addresses of both families. */
  readonly types?: readonly RecordType[];
  /** Default: data. */
  readonly wanted?: Wanted;
}

/** One look-up of a name. */
export class Lookup {
  readonly #config: ResolverConfig;
  readonly #types: readonly RecordType[];
  readonly #candidates: readonly string[];
  readonly #wanted: Wanted;
  readonly #answers = new Map<RecordType, DnsAnswer>();
  #candidate = 0;
  #attempt = 0;
  #server = 0;
  #sawNoData = false;
  #sawFailure = false;

  constructor(
    name: string,
    config: ResolverConfig,
    { types = ["A", "AAAA"], wanted = "data" }: LookupOptions = {},
  ) {
    this.#config = config;
    this.#types = types;
    this.#wanted = wanted;
    this.#candidates = candidatesOf(name, config);
  }

  /** The name being asked for now. */
  get name(): string {
    return this.#candidates[this.#candidate] ?? ".";
  }

  /** Begins. */
  start(): LookupStep {
    if (this.#config.servers.length === 0) return { result: { kind: "try-again" } };
    return this.#ask();
  }

  /** An answer came. Returns an empty step while others are awaited. */
  receive(question: DnsQuestion, answer: DnsAnswer): LookupStep {
    const isOurs = question.name.toLowerCase() === this.name.toLowerCase();
    if (!isOurs || !this.#types.includes(question.type)) return {};
    if (answer.rcode !== "NOERROR" && answer.rcode !== "NXDOMAIN") {
      this.#sawFailure = true;
      return this.#nextServer();
    }
    this.#answers.set(question.type, answer);
    return this.#answers.size < this.#types.length ? {} : this.#conclude();
  }

  /** The time given for answers is over, or the network said that none can come. */
  expire(): LookupStep {
    return this.#nextServer();
  }

  #ask(): LookupStep {
    const server = this.#config.servers[this.#server];
    if (server === undefined) return { result: { kind: "try-again" } };
    const open = this.#types.filter((type) => !this.#answers.has(type));
    const ask = open.map((type) => ({ name: this.name, type }));
    return { ask, server, timeoutUs: this.#timeoutUs() };
  }

  /** The first server has the whole time; later ones share twice and four times of it. */
  #timeoutUs(): number {
    const base = this.#config.timeoutUs ?? defaultTimeoutUs;
    const count = this.#config.servers.length;
    const doubled = base * 2 ** this.#server;
    return this.#server === 0 ? base : Math.max(1_000_000, Math.floor(doubled / count));
  }

  #nextServer(): LookupStep {
    this.#server++;
    if (this.#server < this.#config.servers.length) return this.#ask();
    this.#server = 0;
    this.#attempt++;
    if (this.#attempt < (this.#config.attempts ?? defaultAttempts)) return this.#ask();
    // A server that fails lets the search go on; silence ends it.
    return this.#sawFailure ? this.#nextCandidate() : { result: { kind: "try-again" } };
  }

  #conclude(): LookupStep {
    const answers = this.#types.map((type) => this.#answers.get(type) as DnsAnswer);
    const records = answers.flatMap((answer) => answer.answer);
    const addrs = records.flatMap((r) => (r.type === "A" || r.type === "AAAA" ? [r.addr] : []));
    const isWanted = (type: RecordType) =>
      this.#wanted === "any-record" || this.#types.includes(type);
    if (records.some((r) => isWanted(r.type)))
      return { result: { kind: "found", name: this.name, addrs, answers } };
    if (answers.some((answer) => answer.rcode === "NOERROR")) this.#sawNoData = true;
    return this.#nextCandidate();
  }

  #nextCandidate(): LookupStep {
    this.#candidate++;
    this.#answers.clear();
    this.#server = 0;
    this.#attempt = 0;
    if (this.#candidate < this.#candidates.length) return this.#ask();
    if (this.#sawFailure) return { result: { kind: "try-again" } };
    return { result: { kind: "no-such-name", noData: this.#sawNoData } };
  }
}
