/** Expressions, statements and rules of nftables as the policy agent writes them. */
import type { Family } from "../../../addr/index.js";
import type { Origin } from "../../../base/index.js";
import type {
  NftExpr,
  NftRule,
  NftStatement,
  NftValue,
  NftVerdict,
} from "../../../netfilter/index.js";
import { AGENT, DISCOVERY_TYPES, type EnforceOptions } from "../enforce.js";

/** Which address of a packet. */
export type Side = "saddr" | "daddr";

/** The type of a family's addresses. */
export function addrType(family: Family): string {
  return family === "ip4" ? "ipv4_addr" : "ipv6_addr";
}

/** An address of the packet. */
export function addrExpr(family: Family, field: Side): NftExpr {
  return { kind: "payload", protocol: family === "ip4" ? "ip" : "ip6", field };
}

/** Several expressions as one key. */
export function concat(...parts: NftExpr[]): NftExpr {
  return { kind: "concat", parts };
}

/** A test. */
export function match(left: NftExpr, right: NftValue): NftStatement {
  return { kind: "match", left, right };
}

/** A verdict as a statement. */
export function verdict(of: NftVerdict): NftStatement {
  return { kind: "verdict", verdict: of };
}

/** A word. */
export function word(text: string): NftValue {
  return { kind: "word", word: text };
}

/** A named set. */
export function setRef(name: string): NftValue {
  return { kind: "set-ref", name };
}

/** A rule. */
export function rule(statements: readonly NftStatement[], origin: Origin = AGENT): NftRule {
  return { statements, origin };
}

/** Characters a comment holds (NFTNL_UDATA_COMMENT_MAXLEN without the end). */
const COMMENT_MOST = 127;

/** A rule with a comment. */
export function commented(of: NftRule, text: string): NftRule {
  return { ...of, comment: text.slice(0, COMMENT_MOST) };
}

/** What a denied packet meets. */
export function denial({ denial: how }: EnforceOptions): NftStatement {
  return how === "reject" ? { kind: "reject" } : verdict({ kind: "drop" });
}

/** Packets of connections that were let through before, and what belongs to them. */
export function replyRules({ established = "keep" }: EnforceOptions): readonly NftRule[] {
  const state = (...states: string[]) => {
    const items = states.map(word);
    const only = items[0];
    const right: NftValue =
      items.length === 1 && only !== undefined ? only : { kind: "list", items };
    return match({ kind: "ct", key: "state" }, right);
  };
  const accept = verdict({ kind: "accept" });
  if (established === "keep") return [rule([state("established", "related"), accept])];
  const isReply = match({ kind: "ct", key: "direction" }, word("reply"));
  return [rule([state("established"), isReply, accept]), rule([state("related"), accept])];
}

/** Neighbour discovery passes. */
export function discoveryRule(): NftRule {
  const elements = DISCOVERY_TYPES.map(({ name }) => ({ key: word(name) }));
  const type = { kind: "payload", protocol: "icmpv6", field: "type" } as const;
  return rule([match(type, { kind: "set", elements }), verdict({ kind: "accept" })]);
}
