/** Statements and rules as nft prints them. */
import { unreachable } from "../../../base/index.js";
import type { NfFamily } from "../../hook.js";
import type {
  NftExpr,
  NftLimit,
  NftMatch,
  NftNat,
  NftReject,
  NftRule,
  NftStatement,
  NftUpdate,
} from "../../nft.js";
import { printPrefixMatch } from "./mark-prefix.js";
import {
  partStyles,
  printExpr,
  printKey,
  printValue,
  printVerdict,
  styleOf,
} from "./print-value.js";

/** Prints a rule on one line, with its comment. */
export function printNftRule(rule: NftRule, family: NfFamily): string {
  if (rule.text !== undefined) return rule.text;
  const parts = rule.statements.map((statement) => printStatement(statement, family));
  if (rule.comment !== undefined) parts.push(`comment "${rule.comment}"`);
  return parts.join(" ");
}

/** Prints one statement; some of them leave out what goes without saying in a family. */
export function printStatement(statement: NftStatement, family: NfFamily): string {
  switch (statement.kind) {
    case "match":
      return printMatch(statement);
    case "verdict":
      return printVerdict(statement.verdict);
    case "vmap": {
      const { expr, map } = statement;
      return `${printExpr(expr)} vmap ${printValue(map, partStyles(expr))}`;
    }
    case "set":
      return `${printExpr(statement.target)} set ${printSource(statement.value, statement.target)}`;
    case "counter":
      if (statement.name !== undefined) return `counter name "${statement.name}"`;
      return `counter packets ${statement.packets} bytes ${statement.bytes}`;
    case "limit":
      return printLimit(statement);
    case "log":
      return statement.words === "" ? "log" : `log ${statement.words}`;
    case "reject":
      return printReject(statement, family);
    case "dnat":
    case "snat":
    case "masquerade":
    case "redirect":
      return printNat(statement);
    case "notrack":
      return "notrack";
    case "update":
      return printUpdate(statement, family);
    case "unknown":
      return statement.text;
    default:
      return unreachable(statement);
  }
}

function printMatch(match: NftMatch): string {
  const prefix = printPrefixMatch(match);
  if (prefix !== undefined) return prefix;
  const { left, op, right, mask } = match;
  const styles = partStyles(left);
  const operator = op === undefined ? "" : ` ${op}`;
  const masked = mask === undefined ? "" : ` / ${printValue(mask, styles)}`;
  return `${printExpr(left)}${operator} ${printValue(right, styles)}${masked}`;
}

/** A constant takes the form of what it is set to. */
function printSource(value: NftExpr, target: NftExpr): string {
  if (value.kind === "value") return printValue(value.value, [styleOf(target)]);
  if (value.kind === "map" && value.map.kind === "set") {
    const styles = partStyles(value.expr);
    const data = [styleOf(target)];
    const elements = value.map.elements.map((e) => {
      const key = printKey(e.key, styles);
      return e.data === undefined ? key : `${key} : ${printValue(e.data, data)}`;
    });
    return `${printExpr(value.expr)} map { ${elements.join(", ")} }`;
  }
  return printExpr(value);
}

function printLimit(limit: NftLimit): string {
  const over = limit.over ? "over " : "";
  const unit = limit.unit === undefined ? "" : ` ${limit.unit}`;
  const burst =
    limit.burst === undefined ? "" : ` burst ${limit.burst} ${limit.burstUnit ?? "packets"}`;
  return `limit rate ${over}${limit.rate}${unit}/${limit.per}${burst}`;
}

function printReject({ with: how }: NftReject, family: NfFamily): string {
  if (how === undefined) return "reject";
  if (how.kind === "tcp-reset") return "reject with tcp reset";
  const isDefault =
    how.code === "port-unreachable" &&
    ((family === "ip" && how.kind === "icmp") ||
      (family === "ip6" && how.kind === "icmpv6") ||
      ((family === "inet" || family === "bridge") && how.kind === "icmpx"));
  return isDefault ? "reject" : `reject with ${how.kind} ${how.code}`;
}

function printNat(nat: NftNat): string {
  const family = nat.family === undefined ? "" : ` ${nat.family}`;
  const form = nat.form === undefined ? "" : ` ${nat.form}`;
  const flags = nat.flags === undefined ? "" : ` ${nat.flags.join(",")}`;
  const target = printNatTarget(nat);
  return `${nat.kind}${family}${form}${target === "" ? "" : ` to ${target}`}${flags}`;
}

function printNatTarget({ addr, port }: NftNat): string {
  const addrText = addr === undefined ? "" : printExpr(addr);
  if (port === undefined) return addrText;
  const portText = printExpr(port);
  if (addr === undefined || addr.kind !== "value") {
    return `${addrText}${addrText === "" ? "" : " "}:${portText}`;
  }
  const isIp6 = addrText.includes(":");
  const bracketed = isIp6 ? `[${addrText.replace("-", "]-[")}]` : addrText;
  return `${bracketed}:${portText}`;
}

function printUpdate(update: NftUpdate, family: NfFamily): string {
  const timeout = update.timeout === undefined ? "" : ` timeout ${update.timeout}`;
  const carries = (update.carries ?? []).map((s) => ` ${printStatement(s, family)}`).join("");
  const data = update.data === undefined ? "" : ` : ${printExpr(update.data)}`;
  return `${update.op} @${update.set} { ${printExpr(update.expr)}${timeout}${carries}${data} }`;
}
