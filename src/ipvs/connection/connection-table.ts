/**
 * The connections of one namespace, found from both sides: by client and virtual server, and by
 * client and real server. What has expired goes when somebody looks, before the answer.
 *
 * The kernel lists connections in the order of a hash with a random key; here they are in the order
 * in which they were made.
 */
import type { Addr } from "../../addr/index.js";
import type { IpvsProtocol } from "../config.js";
import type { IpvsFlow } from "../flow.js";
import type { Connection, ConnectionName } from "./connection.js";

/** Linux 6.1 ip_vs_conn.c `ip_vs_conn_expire`: one that controls others is asked again later. */
const CONTROL_TIMEOUT_US = 60_000_000;

/** The connections of one namespace. */
export class ConnectionTable {
  /** By protocol and client, the newest first. */
  readonly #byClient = new Map<number, Connection[]>();
  readonly #all = new Set<Connection>();
  readonly #onEnd: (connection: Connection) => void;
  /** Nothing expires before. */
  #nextExpiryUs = Number.POSITIVE_INFINITY;

  /** `onEnd` is told of every connection that leaves the table. */
  constructor(onEnd: (connection: Connection) => void) {
    this.#onEnd = onEnd;
  }

  /** How many there are, those included that expired and were not looked at since. */
  get count(): number {
    return this.#all.size;
  }

  /** All of them, oldest first. */
  all(): readonly Connection[] {
    return [...this.#all];
  }

  /**
   * The connection that a packet from a client belongs to.
   *
   * Follows: Linux 6.1 ip_vs_conn.c `ip_vs_conn_in_get`.
   */
  findRequest({ protocol, src, sport, dst, dport }: IpvsFlow): Connection | undefined {
    return this.#bucket(protocol, src, sport)?.find(
      (c) =>
        !c.isTemplate &&
        c.clientPort === sport &&
        c.virtualPort === dport &&
        c.protocol === protocol &&
        c.client.equals(src) &&
        c.virtual.equals(dst),
    );
  }

  /**
   * The connection that a packet from a real server belongs to.
   *
   * Follows: Linux 6.1 ip_vs_conn.c `ip_vs_conn_out_get`.
   */
  findReply({ protocol, src, sport, dst, dport }: IpvsFlow): Connection | undefined {
    return this.#bucket(protocol, dst, dport)?.find(
      (c) =>
        c.clientPort === dport &&
        c.realPort === sport &&
        c.protocol === protocol &&
        c.client.equals(dst) &&
        c.real.equals(src),
    );
  }

  /**
   * The template of a client.
   *
   * Follows: Linux 6.1 ip_vs_conn.c `ip_vs_ct_in_get`.
   */
  findTemplate({ protocol, client, virtual, virtualPort }: ConnectionName): Connection | undefined {
    return this.#bucket(protocol, client, 0)?.find(
      (c) =>
        c.isTemplate &&
        c.virtualPort === virtualPort &&
        c.protocol === protocol &&
        c.client.equals(client) &&
        c.virtual.equals(virtual),
    );
  }

  /** Puts one in. */
  insert(connection: Connection): void {
    this.#all.add(connection);
    const { protocol, client, clientPort } = connection;
    const hash = hashOf(protocol, client, clientPort);
    const bucket = this.#byClient.get(hash);
    if (bucket === undefined) this.#byClient.set(hash, [connection]);
    else bucket.unshift(connection);
  }

  /** Lets it live on, from now. */
  restart(connection: Connection, nowUs: number): void {
    connection.expiresUs = nowUs + connection.timeoutUs;
    this.restore(connection);
  }

  /** Notes when it ends, which is known already. */
  restore({ expiresUs }: Connection): void {
    if (expiresUs < this.#nextExpiryUs) this.#nextExpiryUs = expiresUs;
  }

  /**
   * Ends what has expired, in the order of time.
   *
   * Follows: Linux 6.1 ip_vs_conn.c `ip_vs_conn_expire`.
   */
  expire(nowUs: number): void {
    while (this.#nextExpiryUs <= nowUs) {
      const due = [...this.#all].filter((c) => c.expiresUs <= nowUs);
      due.sort((a, b) => a.expiresUs - b.expiresUs);
      for (const connection of due) {
        if (connection.controlled === 0) {
          this.end(connection);
          continue;
        }
        connection.timeoutUs = CONTROL_TIMEOUT_US;
        connection.expiresUs += CONTROL_TIMEOUT_US;
      }
      this.#nextExpiryUs = Math.min(Number.POSITIVE_INFINITY, ...this.#expiries());
    }
  }

  *#expiries(): Generator<number> {
    for (const { expiresUs } of this.#all) yield expiresUs;
  }

  /** Takes one out at once; its template, if it had one, controls one less. */
  end(connection: Connection): void {
    if (!this.#all.delete(connection)) return;
    const { protocol, client, clientPort } = connection;
    const hash = hashOf(protocol, client, clientPort);
    const left = this.#byClient.get(hash)?.filter((other) => other !== connection) ?? [];
    if (left.length === 0) this.#byClient.delete(hash);
    else this.#byClient.set(hash, left);
    if (connection.control !== undefined) connection.control.controlled--;
    connection.control = undefined;
    this.#onEnd(connection);
  }

  /** Empties the table; nobody is told. */
  clear(): void {
    this.#byClient.clear();
    this.#all.clear();
    this.#nextExpiryUs = Number.POSITIVE_INFINITY;
  }

  /** Those whose name hashes alike; the caller compares. */
  #bucket(protocol: IpvsProtocol, client: Addr, port: number): Connection[] | undefined {
    return this.#byClient.get(hashOf(protocol, client, port));
  }
}

const PROTOCOL_NUMBERS: Readonly<Record<IpvsProtocol, number>> = { tcp: 6, udp: 17, sctp: 132 };

function hashOf(protocol: IpvsProtocol, { s0, s1, s2, s3 }: Addr, port: number): number {
  const mixed = Math.imul(s0 ^ s1 ^ s2 ^ s3, 0x9e3779b1) ^ (PROTOCOL_NUMBERS[protocol] << 16);
  return mixed ^ port;
}
