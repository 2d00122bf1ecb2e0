/** `dnat`, `snat`, `masquerade`, `redirect`: brought to the form that NAT takes. */
import { makeRange, type Range } from "../../../addr/index.js";
import { assert } from "../../../base/index.js";
import type { NatPorts, NatTarget } from "../../iptables.js";
import type { NatHook } from "../../nat/nat.js";
import type { NftExpr, NftNat } from "../../nft.js";
import type { Ask } from "../ask.js";
import type { Datum } from "./datum.js";
import { evalExpr, type SetSource } from "./eval-expr.js";
import type { StatementAnswer } from "./statement-answer.js";
import { isAddr } from "./value-test.js";

type Request = { -readonly [K in keyof NatTarget]: NatTarget[K] };

const KINDS = {
  dnat: "DNAT",
  snat: "SNAT",
  masquerade: "MASQUERADE",
  redirect: "REDIRECT",
} as const;

/**
 * Carries out a NAT statement; it ends the chain.
 *
 * Follows: Linux 6.18 net/netfilter/nft_nat.c `nft_nat_eval`, nft_masq.c, nft_redir.c.
 */
export function translateNft(ask: Ask, nat: NftNat, sets: SetSource): StatementAnswer {
  const { hook, skb, runtime } = ask;
  if (nat.family !== undefined && (nat.family === "ip") !== (skb.packet.family === "ip4")) {
    return { kind: "break" };
  }
  const isNatHook = hook !== "forward" && hook !== "ingress" && hook !== "egress";
  assert(isNatHook, "NAT statements stand in chains of type nat", { hook });
  const request: Request = { kind: KINDS[nat.kind], ...flagsOf(nat) };
  if (nat.addr !== undefined && !readAddr(ask, nat.addr, request, sets)) return { kind: "break" };
  if (nat.port !== undefined && !readPort(ask, nat.port, request, sets)) return { kind: "break" };
  const verdict = runtime.nat.target(hook as NatHook, skb, request);
  if (verdict.kind === "refused") return verdict;
  return { kind: "verdict", verdict: { kind: "accept" } };
}

function flagsOf({ flags = [] }: NftNat): Partial<Request> {
  return {
    ...(flags.includes("random") ? { random: true } : {}),
    ...(flags.includes("fully-random") ? { randomFully: true } : {}),
    ...(flags.includes("persistent") ? { persistent: true } : {}),
  };
}

/** False when the rule does not hold; what is not modelled is noted in the question. */
function readAddr(ask: Ask, expr: NftExpr, request: Request, sets: SetSource): boolean {
  if (expr.kind === "value") {
    const addrs = rangeOf(expr);
    if (addrs === undefined) ask.unmodelled ??= "nat to this address";
    else request.addrs = addrs;
    return addrs !== undefined;
  }
  const data = evalExpr(ask, expr, sets);
  if (data === undefined) return false;
  const [addr, port] = data;
  if (!isAddr(addr)) return readPortDatum(addr, request);
  request.addrs = makeRange(addr, addr);
  return port === undefined || readPortDatum(port, request);
}

function rangeOf({ value }: NftExpr & { readonly kind: "value" }): Range | undefined {
  if (value.kind === "addr") return makeRange(value.addr, value.addr);
  if (value.kind === "prefix") return makeRange(value.prefix.first(), value.prefix.last());
  if (value.kind !== "range") return undefined;
  const { first, last } = value;
  return first.kind === "addr" && last.kind === "addr"
    ? makeRange(first.addr, last.addr)
    : undefined;
}

function readPort(ask: Ask, expr: NftExpr, request: Request, sets: SetSource): boolean {
  if (expr.kind === "value" && expr.value.kind === "range") {
    const { first, last } = expr.value;
    if (first.kind === "number" && last.kind === "number") {
      request.ports = { first: first.number, last: last.number } satisfies NatPorts;
      return true;
    }
  }
  return readPortDatum(evalExpr(ask, expr, sets)?.[0], request);
}

function readPortDatum(datum: Datum | undefined, request: Request): boolean {
  if (typeof datum !== "number") return false;
  request.ports = { first: datum, last: datum };
  return true;
}
