/**
 * Asking the routing tables about a packet, and telling what they answered.
 */
import { type Addr, isMulticast } from "../../addr/index.js";
import {
  type Flow,
  type InputFlow,
  isPath,
  type NoPath,
  type Path,
  type PathAnswer,
  routeInput,
  routeOutput,
} from "../../fib/index.js";
import type { Skb } from "../../netfilter/index.js";
import type { FateKind, RouteStep, Step } from "../../trace/index.js";
import { type Packet, packetProtocol } from "../../wire/index.js";
import { showRoute } from "../print/show-route.js";
import { type Stack, sysctl } from "../stack.js";
import type { Transit } from "../transit.js";

/** Routes a packet that came in by a link (`ip_route_input`). */
export function routeIncoming(stack: Stack, skb: Skb, iif: string): PathAnswer {
  const { packet } = skb;
  if (packet.family === "ip6" && isMulticast(packet.dst)) return { kind: "multicast", link: iif };
  const flow = incomingFlow(packet, skb.mark, iif);
  const answer = stack.routes.remember(flow, () => routeInput(stack.fib, flow));
  return withException(stack, packet.dst, answer);
}

/** Routes what a local sender sends. */
export function routeOutgoing(stack: Stack, flow: Flow): PathAnswer {
  const answer = stack.routes.remember(flow, () => routeOutput(stack.fib, flow));
  return withException(stack, flow.dst, answer);
}

/** The fields of a packet that routing reads. */
export function flowOf(packet: Packet, mark: number): Flow {
  const { payload, dst, tos } = packet;
  const protocol = packetProtocol(packet);
  // Objects of two shapes, written out: copying objects of many shapes is what takes the time.
  if (payload.kind !== "tcp" && payload.kind !== "udp" && payload.kind !== "sctp") {
    return { dst, mark, tos, protocol };
  }
  return { dst, mark, tos, protocol, sport: payload.sport, dport: payload.dport };
}

function incomingFlow(packet: Packet, mark: number, iif: string): InputFlow {
  const { payload, src, dst, tos } = packet;
  const protocol = packetProtocol(packet);
  if (payload.kind !== "tcp" && payload.kind !== "udp" && payload.kind !== "sctp") {
    return { dst, mark, tos, protocol, src, iif };
  }
  const { sport, dport } = payload;
  return { dst, mark, tos, protocol, sport, dport, src, iif };
}

/** The largest packet a path takes: the link's MTU, the route's, or what was learnt. */
export function pathMtu(stack: Stack, path: Path, dst: Addr): number {
  const linkMtu = stack.links.find(path.link)?.mtu ?? 1500;
  const learnt = stack.exceptions.mtu(dst, stack.world.nowUs());
  const mtu = path.route?.mtu ?? linkMtu;
  return learnt !== undefined && learnt < mtu ? learnt : mtu;
}

/** Tells which route was chosen, or why none was. */
export function tellRoute(
  { tell }: Pick<Transit, "tell">,
  direction: "input" | "output",
  dst: Addr,
  answer: PathAnswer,
): void {
  if (tell === undefined) return;
  tell(isPath(answer) ? knownStep(direction, dst, answer) : noPathStep(direction, dst, answer));
}

const steps = new WeakMap<Path, RouteStep>();

/** The step of a path; made once, since a remembered path is told with every packet that takes it. */
function knownStep(direction: "input" | "output", dst: Addr, path: Path): Step {
  const known = steps.get(path);
  if (known?.direction === direction && known.dst.equals(dst)) return known;
  const step = pathStep(direction, dst, path);
  steps.set(path, step);
  return step;
}

/** The fate of a packet without a path, with words about it. */
export function fateOf(answer: NoPath): { readonly kind: FateKind; readonly detail: string } {
  switch (answer.kind) {
    case "refuse":
      return { kind: REFUSAL_FATES[answer.errno], detail: answer.errno };
    case "miss":
      return { kind: "no-route", detail: answer.errno };
    case "not-forwarding":
      return { kind: "not-forwarding", detail: "forwarding is off" };
    case "martian":
      return { kind: "martian", detail: answer.reason };
    case "rp-filter":
      return { kind: "rp-filter", detail: `rp_filter=${answer.mode}` };
    case "no-source":
      return { kind: "no-source", detail: answer.errno };
    case "bad-flow":
      return {
        kind: answer.errno === "ENETUNREACH" ? "no-route" : "no-source",
        detail: answer.errno,
      };
  }
}

const REFUSAL_FATES = {
  EINVAL: "blackholed",
  EHOSTUNREACH: "unreachable",
  EACCES: "prohibited",
  ENETUNREACH: "no-route",
} as const satisfies Record<string, FateKind>;

/** A redirect that was accepted replaces the gateway of a forwarding path. */
function withException(stack: Stack, dst: Addr, answer: PathAnswer): PathAnswer {
  if (answer.kind !== "forward") return answer;
  const gateway = stack.exceptions.gateway(dst, stack.world.nowUs());
  return gateway === undefined ? answer : { ...answer, gateway };
}

function pathStep(direction: "input" | "output", dst: Addr, path: Path): RouteStep {
  const { route, rule } = path;
  return {
    kind: "route",
    direction,
    dst,
    outcome: path.kind === "multicast" ? "broadcast" : path.kind,
    ...(route === undefined ? {} : { table: route.table, route: textOf(route) }),
    ...(rule === undefined ? {} : { rulePriority: rule.priority }),
    link: path.link,
    ...(path.gateway === undefined ? {} : { gateway: path.gateway }),
    ...(path.src === undefined ? {} : { src: path.src }),
    ...(route?.origin === undefined ? {} : { origin: route.origin }),
  };
}

function noPathStep(direction: "input" | "output", dst: Addr, answer: NoPath): Step {
  const route = answer.kind === "refuse" ? answer.route : undefined;
  return {
    kind: "route",
    direction,
    dst,
    outcome: OUTCOMES[answer.kind],
    ...(route === undefined ? {} : { table: route.table, route: textOf(route) }),
    reason: fateOf(answer).detail,
    ...(route?.origin === undefined ? {} : { origin: route.origin }),
  };
}

const OUTCOMES: Readonly<Record<NoPath["kind"], RouteStep["outcome"]>> = {
  refuse: "refuse",
  miss: "miss",
  "not-forwarding": "refuse",
  martian: "martian",
  "rp-filter": "rp_filter",
  "no-source": "miss",
  "bad-flow": "refuse",
};

const texts = new WeakMap<object, string>();

/** A route's text; printed once, since a route is told with every packet that takes it. */
function textOf(route: NonNullable<Path["route"]>): string {
  let text = texts.get(route);
  if (text === undefined) {
    text = showRoute(route);
    texts.set(route, text);
  }
  return text;
}

/** Forwarding trusts links and routes, not what was learnt (`ip_dst_mtu_maybe_forward`). */
export function forwardMtu(stack: Stack, path: Path, dst: Addr): number {
  const usesLearnt = sysctl(stack, "net.ipv4.ip_forward_use_pmtu", 0) !== 0;
  if (usesLearnt && dst.family === "ip4") return pathMtu(stack, path, dst);
  return path.route?.mtu ?? stack.links.find(path.link)?.mtu ?? 1500;
}
