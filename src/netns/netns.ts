/**
 * `Netns`: one running network namespace. Frames and packets go in here, sockets are opened here;
 * what happens in between is in `path/journey.ts`.
 */
import { type Addr, ip6Addr, isUnspecified } from "../addr/index.js";
import { isPath, type Path } from "../fib/index.js";
import { Ipvs } from "../ipvs/index.js";
import { type Link, NeighborTable } from "../link/index.js";
import { createNetfilter, type Netfilter } from "../netfilter/index.js";
import type { Frame } from "../wire/index.js";
import type { Listener, NetnsConfig } from "./config.js";
import { FragmentStore } from "./path/fragment-store.js";
import { HopExceptions } from "./path/hop-exceptions.js";
import { ErrorLimiter } from "./path/icmp/error-limiter.js";
import { dropEntry } from "./path/ipvs/entry.js";
import { drain, rerouteLocal, sendDraft } from "./path/journey.js";
import { pathMtu, routeOutgoing } from "./path/routing.js";
import { answerQuestions } from "./questions.js";
import { announceLink, changeLinkState, configNow, openLinkState } from "./running-state.js";
import type { PingOptions } from "./socket/ping.js";
import type { RouteQuery, RouteResult, SocketAddr, SocketHost } from "./socket/socket.js";
import { SocketTable } from "./socket/socket-table.js";
import type { ConnectResult, TcpConnectOptions, TcpListener } from "./socket/tcp.js";
import type { TcpHandlers } from "./socket/tcp-connection.js";
import type {
  UdpConnectOptions,
  UdpConnectResult,
  UdpHandlers,
  UdpOptions,
  UdpSocket,
} from "./socket/udp.js";
import type { Stack } from "./stack.js";
import type { Draft, Journey, World } from "./transit.js";

/** What answers behind a listener of the configuration. */
export interface Service {
  /** What answers a new connection. */
  readonly tcp?: (local: SocketAddr, peer: SocketAddr) => TcpHandlers;
  readonly udp?: UdpHandlers;
}

/** How a namespace is run. */
export interface NetnsOptions {
  readonly world: World;
  /** What answers behind a listener; without it connections open and stay silent. */
  readonly serve?: (listener: Listener) => Service | undefined;
}

/** One running network namespace. */
export class Netns {
  readonly name: string;
  /** Everything it consists of: for the functions of this folder, and to look inside. */
  readonly stack: Stack;
  readonly #sockets: SocketTable;

  constructor(config: NetnsConfig, options: NetnsOptions) {
    this.name = config.name;
    this.#sockets = new SocketTable(socketHost(() => this.stack));
    this.stack = buildStack(config, options, this.#sockets);
    for (const listener of config.listeners) this.#serve(listener, options.serve?.(listener));
  }

  /** A frame comes in by a link. */
  receive(link: Link, frame: Frame, journey: Journey | undefined): void {
    this.stack.backlog.push({ kind: "frame", link, frame, journey, mark: 0 });
    drain(this.stack);
  }

  /** Sends a packet as the namespace's own. Returns the error's name when that failed at once. */
  send(draft: Draft): string | undefined {
    return this.run(() => sendDraft(this.stack, draft));
  }

  /** Opens a UDP socket; undefined when no port is free. */
  openUdp(options: UdpOptions): UdpSocket | undefined {
    return this.#sockets.udp.open(options);
  }

  /** Closes a UDP socket. */
  closeUdp(socket: UdpSocket): void {
    this.#sockets.udp.close(socket);
  }

  /** Starts to wait for TCP connections. Returns what stops it. */
  listenTcp(listener: TcpListener): () => void {
    return this.#sockets.tcp.listen(listener);
  }

  /** Opens a TCP connection. */
  connectTcp(options: TcpConnectOptions): ConnectResult {
    return this.run(() => this.#sockets.tcp.connect(options));
  }

  /** Sends an echo request. Returns the error's name when that failed at once. */
  ping(options: PingOptions): string | undefined {
    return this.run(() => this.#sockets.ping.send(options));
  }

  /** Stops to wait for the echo replies of an id. */
  closePing(id: number): void {
    this.#sockets.ping.close(id);
  }

  /** Opens a UDP socket that hears one peer only (`connect`). */
  connectUdp(options: UdpConnectOptions): UdpConnectResult {
    return this.#sockets.udp.connect(options);
  }

  /** The way a packet of a socket would take: its source address, or the error. */
  routeFor(query: RouteQuery): RouteResult {
    return routeOf(this.stack, query);
  }

  /** Runs something of a process (a socket used from outside), and then all that it led to. */
  run<T>(action: () => T): T {
    const result = action();
    drain(this.stack);
    return result;
  }

  /** Its configuration, with the neighbours it has found by now. */
  get configNow(): NetnsConfig {
    return configNow(this.stack);
  }

  /**
   * Takes other links, addresses, routes and neighbours while it runs. Sockets, connections and rules
   * stay.
   */
  reconfigure(config: NetnsConfig): void {
    changeLinkState(this.stack, config);
  }

  /** A link that came up tells those around it. */
  announce(link: string): void {
    announceLink(this.stack, link);
  }

  #serve({ protocol, port, addr }: Listener, service: Service | undefined): void {
    const at = { port, ...(addr === undefined ? {} : { addr }) };
    if (protocol === "tcp") this.listenTcp({ ...at, accept: service?.tcp ?? (() => ({})) });
    if (protocol === "udp") this.openUdp({ ...at, handlers: service?.udp ?? {} });
  }
}

function buildStack(config: NetnsConfig, options: NetnsOptions, sockets: SocketTable): Stack {
  // Whatever a timer starts leads to work, which is done before the next event.
  const world: World = {
    ...options.world,
    schedule: (delayUs, task) =>
      options.world.schedule(delayUs, () => {
        task();
        drain(stack);
      }),
  };
  const questions = answerQuestions(() => stack, rerouteLocal);
  const netfilter = createNetfilter(config, {
    questions,
    nowUs: world.nowUs,
    random: world.random,
    sysctl: (name) => config.sysctls.get(name),
  });
  const stack: Stack = {
    name: config.name,
    world,
    ...openLinkState(config),
    netfilter,
    ipvs: openIpvs(config, world, netfilter),
    neighbors: new NeighborTable(config.neighbors),
    exceptions: new HopExceptions(),
    limiter: new ErrorLimiter(),
    fragments: new FragmentStore(),
    sockets,
    backlog: [],
    rerouting: undefined,
    outgoing: undefined,
    cause: undefined,
    isBusy: false,
    nextId: 0,
  };
  return stack;
}

function openIpvs(
  { ipvs, sysctls }: NetnsConfig,
  { nowUs }: World,
  netfilter: Netfilter,
): Ipvs | undefined {
  if (ipvs === undefined) return undefined;
  return new Ipvs(ipvs, {
    nowUs,
    sysctl: (name) => sysctls.get(name),
    dropConntrack: (name) => dropEntry({ netfilter }, name),
  });
}

/** What the sockets ask of the stack. */
function socketHost(stack: () => Stack): SocketHost {
  return {
    send: (draft) => {
      const errno = sendDraft(stack(), draft);
      // Outside of any other work, what this led to is done next.
      if (!stack().isBusy && stack().backlog.length > 0) stack().world.schedule(0, () => {});
      return errno;
    },
    route: (query) => routeOf(stack(), query),
    mtu: (dst) => {
      const answer = routeOutgoing(stack(), { dst });
      return isPath(answer) ? pathMtu(stack(), answer, dst) : 1500;
    },
    isOwn: (addr) => stack().links.owner(addr) !== undefined,
    nowUs: () => stack().world.nowUs(),
    schedule: (delayUs, task) => stack().world.schedule(delayUs, task),
    random: (purpose) => stack().world.random(purpose),
  };
}

function routeOf(stack: Stack, query: RouteQuery): RouteResult {
  const answer = routeOutgoing(stack, query);
  if (!isPath(answer)) return { kind: "failed", errno: answer.errno };
  const src = query.src ?? answer.src;
  return src === undefined
    ? { kind: "failed", errno: "EADDRNOTAVAIL" }
    : {
        kind: "found",
        src,
        dst: meant(query.dst, src),
        link: answer.link,
        reaches: reachOf(answer),
      };
}

/** The unspecified address means this host: for IPv4 the sender's own address, for IPv6 ::1. */
function meant(dst: Addr, src: Addr): Addr {
  if (!isUnspecified(dst)) return dst;
  return dst.family === "ip4" ? src : LOOPBACK6;
}

const LOOPBACK6 = ip6Addr([0, 0, 0, 1]);

function reachOf({ kind }: Path): "one" | "all" | "group" {
  return kind === "broadcast" ? "all" : kind === "multicast" ? "group" : "one";
}
