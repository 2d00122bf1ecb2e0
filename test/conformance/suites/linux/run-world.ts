/** Running conversations in a world of namespaces, and writing down what the recordings hold. */
import { parseAddr } from "../../../../src/addr/index.js";
import { Fabric } from "../../../../src/fabric/index.js";
import { printEntryUntimed } from "../../../../src/netfilter/index.js";
import type { TcpConnection } from "../../../../src/netns/index.js";
import type { Trace } from "../../../../src/trace/index.js";
import type { IpWorld } from "../../../support/ip-world.js";

/** Long enough for neighbours to answer and sockets to reply, short of retransmissions. */
const WAIT_US = 900_000;

/** A world that runs. */
export class RunningWorld {
  readonly fabric: Fabric;
  /** Peers of accepted connections, in the words of Python's `accept`. */
  readonly accepted: string[] = [];
  #pings = 0;

  constructor(world: IpWorld) {
    this.fabric = new Fabric(world.configs(), {
      seed: "linux",
      startUs: 1_000_000_000,
      serve: () => ({
        tcp: (_local, peer) => ({
          onOpen: () => this.accepted.push(`acc ('${peer.addr}', ${peer.port})`),
        }),
      }),
    });
  }

  /** Sends one datagram. */
  sendUdp(from: string, to: string, ports: { sport: number; dport: number }, src?: string): void {
    const netns = this.fabric.netns(from);
    const own = src === undefined ? {} : { addr: parseAddr(src) };
    const socket = netns.openUdp({ port: ports.sport, handlers: {}, ...own });
    const payload = { kind: "filler", lengthBytes: 8 } as const;
    socket?.send({ to: { addr: parseAddr(to), port: ports.dport }, payload });
    this.fabric.advance(WAIT_US);
    if (socket !== undefined) netns.closeUdp(socket);
  }

  /** Opens a connection. Returns it once it is open. */
  connect(
    from: string,
    to: string,
    ports: { sport?: number; dport: number },
  ): TcpConnection | undefined {
    let open: TcpConnection | undefined;
    this.fabric.netns(from).connectTcp({
      to: { addr: parseAddr(to), port: ports.dport },
      ...(ports.sport === undefined ? {} : { sport: ports.sport }),
      handlers: {
        onOpen: (connection) => {
          open = connection;
        },
      },
    });
    this.fabric.advance(WAIT_US);
    return open;
  }

  /** Sends an echo request. Returns what its sender sees: a reply, or an error's numbers. */
  ping(
    from: string,
    to: string,
    more: { ttl?: number; lengthBytes?: number; df?: boolean } = {},
  ): string {
    let seen = "nothing";
    const id = ++this.#pings;
    const errno = this.fabric.netns(from).ping({
      dst: parseAddr(to),
      id,
      seq: 1,
      ...more,
      reportErrors: true,
      handlers: {
        onReply: ({ from: source, ttl }) => {
          seen = `reply from ${source} ttl=${ttl}`;
        },
        onError: (_errno, report) => {
          seen = `error ${report.type}/${report.code} from ${report.from} info ${report.info}`;
        },
      },
    });
    this.fabric.advance(WAIT_US);
    return errno === undefined ? seen : errno;
  }

  /** The connection table of a namespace, as `conntrack -L` prints it without times. */
  conntrack(netns: string): string[] {
    const { table } = this.fabric.netns(netns).stack.netfilter.conntrack;
    return [...table.entries()].map(printEntryUntimed);
  }

  /** The journeys since an id. */
  traces(fromId: number): readonly Trace[] {
    return this.fabric.traces(fromId);
  }
}
