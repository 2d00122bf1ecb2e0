/**
 * What of an nftables ruleset the engine cannot evaluate, told when the ruleset is read. A packet that
 * comes to such a place ends in the fate _unknown_; the same names are used there.
 */
import type { Origin } from "../../../base/index.js";
import type { NftExpr, NftRuleset, NftSet, NftStatement } from "../../nft.js";
import { setTypes } from "./datum.js";
import { SetIndex } from "./set-index.js";

/** One construct, and the rule it stands in. */
export interface UnmodelledNft {
  readonly feature: string;
  readonly origin?: Origin;
}

const META = new Set(
  "mark l4proto nfproto protocol iifname oifname iif oif pkttype length".split(" "),
);
const CT = new Set(
  "state status direction mark zone protocol l3proto id packets bytes avgpkt expiration saddr daddr proto-src proto-dst"
    .split(" ")
    .flatMap((key) => [key, `ip ${key}`, `ip6 ${key}`]),
);
const SETTABLE = new Set(["meta mark", "ct mark", "ct zone", "meta nftrace"]);
const HEADER_FIELDS = new Set(["ttl", "hoplimit", "dscp"]);

/** Lists what is not modelled, in the order of the rules. */
export function listUnmodelledNft(ruleset: NftRuleset): UnmodelledNft[] {
  const rules = ruleset.tables.flatMap(({ chains }) => chains.flatMap((chain) => chain.rules));
  const sets = ruleset.tables.flatMap((table) => table.sets);
  return [
    ...sets.flatMap(inSet),
    ...rules.flatMap(({ statements, origin }) =>
      statements.flatMap(inStatement).map((feature) => ({ feature, ...(origin && { origin }) })),
    ),
  ];
}

function inSet(set: NftSet): UnmodelledNft[] {
  const { unmodelled } = new SetIndex(set.elements, setTypes(set.key), () => 0, set);
  const { origin } = set;
  return unmodelled === undefined ? [] : [{ feature: unmodelled, ...(origin && { origin }) }];
}

function inStatement(statement: NftStatement): string[] {
  switch (statement.kind) {
    case "unknown":
      return [statement.text];
    case "match":
      return inExpr(statement.left);
    case "vmap":
      return inExpr(statement.expr);
    case "set":
      return [...listed(unmodelledSetting(statement.target)), ...inExpr(statement.value)];
    case "dnat":
    case "snat":
      return statement.form === "prefix" ? ["a map to ranges"] : [];
    case "limit":
      return statement.unit === undefined ? [] : ["a limit of bytes"];
    case "update": {
      const carried = (statement.carries ?? [])
        .filter(({ kind }) => kind !== "limit" && kind !== "counter")
        .map(({ kind }) => `${kind} in a set's element`);
      const given = statement.data;
      const isMapped = given !== undefined && given.kind !== "value";
      return [...inExpr(statement.expr), ...carried, ...(isMapped ? ["update of a map"] : [])];
    }
    default:
      return [];
  }
}

function listed(feature: string | undefined): string[] {
  return feature === undefined ? [] : [feature];
}

/** What it is called that rules set and that is not modelled; undefined for what is. */
export function unmodelledSetting(target: NftExpr): string | undefined {
  if (target.kind === "payload") {
    const isKnown = HEADER_FIELDS.has(target.field) || target.protocol === "tcp option maxseg";
    return isKnown ? undefined : `${target.protocol} ${target.field} set`;
  }
  const name = target.kind === "meta" || target.kind === "ct" ? `${target.kind} ${target.key}` : "";
  return SETTABLE.has(name) ? undefined : `${name || target.kind} set`;
}

function inExpr(expr: NftExpr): string[] {
  switch (expr.kind) {
    case "meta":
      return META.has(expr.key) ? [] : [`meta ${expr.key}`];
    case "ct":
      return CT.has(expr.key) ? [] : [`ct ${expr.key}`];
    case "rt":
      return expr.key === "mtu" ? [] : [`rt ${expr.key}`];
    case "symhash":
      return ["symhash"];
    case "jhash":
      return expr.expr === undefined ? [] : inExpr(expr.expr);
    case "concat":
      return expr.parts.flatMap(inExpr);
    case "binary":
      return [...inExpr(expr.left), ...inExpr(expr.right)];
    case "map":
      return inExpr(expr.expr);
    default:
      return [];
  }
}
