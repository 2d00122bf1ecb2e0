/**
 * kube-proxy's nftables table as the trees of `netfilter`, which the kernel model carries out and the
 * printers of `nft` show. Every rule and element keeps the Service it comes from.
 */
import { parseAddr, parsePrefix } from "../../addr/index.js";
import { type Origin, unreachable } from "../../base/index.js";
import type {
  NftChain,
  NftElement,
  NftExpr,
  NftSet,
  NftTable,
  NftRule as NftTreeRule,
  NftStatement as NftTreeStatement,
  NftVerdict as NftTreeVerdict,
  NftValue,
} from "../../netfilter/index.js";
import { type MarkPrinter, printPaddedMark } from "../mark.js";
import type { ProxySettings } from "../settings.js";
import type { NftProxyTable } from "./dump.js";
import type { NftObject, NftProxyElement } from "./object.js";
import type { AddrOperand, NftProxyRule, NftStatement, NftTarget, NftVerdict } from "./rule.js";

/**
 * Turns the table into trees.
 *
 * Laws: equal to what `applyNft` reads of the printed table, origins aside
 * (test/property/proxy/nft-tree.prop.test.ts).
 */
export function nftTree(
  table: NftProxyTable,
  { family }: ProxySettings,
  printMark: MarkPrinter = printPaddedMark,
): NftTable {
  const ip = family === "ip6" ? "ip6" : "ip";
  const elements = new Map<string, NftElement[]>();
  for (const { element } of table.elements) {
    const list = elements.get(element.container) ?? [];
    if (list.length === 0) elements.set(element.container, list);
    list.push(elementTree(element));
  }
  return {
    family: ip,
    name: "kube-proxy",
    comment: "rules for kube-proxy",
    chains: table.chains.map((chain) => treeChain(chain, { ip, printMark })),
    sets: table.sets.map((set) => treeSet(set, elements.get(set.name) ?? [])),
  };
}

interface Context {
  readonly ip: "ip" | "ip6";
  readonly printMark: MarkPrinter;
}

function treeChain({ object, rules }: NftProxyTable["chains"][number], context: Context): NftChain {
  const origin = originOfChain(object.name);
  const made = rules.map((rule): NftTreeRule => treeRule(rule, context, origin));
  const { base, comment } = object;
  return {
    name: object.name,
    rules: made,
    ...(base === undefined ? {} : { base: { ...base, policy: "accept" } }),
    ...(comment === undefined ? {} : { comment }),
  };
}

/** `service-ULMVA6XW-ns1/svc1/tcp/p80` comes from the Service it names, others from kube-proxy. */
function originOfChain(name: string): Origin {
  const found = /^[a-z]+-[A-Z2-7]{8}-([^/]+)\/([^/]+)\/[a-z]+\/([^_]*)/.exec(name);
  if (found === null) return { kind: "kube-proxy" };
  const [, namespace = "", service = "", part = ""] = found;
  const origin = { kind: "Service", namespace, name: service };
  return part === "" ? origin : { ...origin, part };
}

function treeRule(rule: NftProxyRule, context: Context, origin: Origin): NftTreeRule {
  const statements = rule.statements.flatMap((s) => treeStatement(s, context));
  return rule.comment === undefined
    ? { statements, origin }
    : { statements, comment: rule.comment, origin };
}

function treeSet(
  set: Extract<NftObject, { kind: "set" | "map" }>,
  elements: readonly NftElement[],
): NftSet {
  const [keys = "", data] = set.type.split(" : ");
  const { name, comment, timeoutSeconds } = set;
  return {
    name,
    key: { kind: "type", names: keys.split(" . ") },
    elements,
    ...(data === undefined ? {} : { data: { kind: "type", names: [data] } }),
    ...(comment === undefined ? {} : { comment }),
    ...(timeoutSeconds === undefined
      ? {}
      : { flags: ["dynamic", "timeout"], timeout: `${timeoutSeconds}s` }),
  };
}

/** An element of a set or map as a tree. */
export function elementTree({ key, verdict, comment, owner }: NftProxyElement): NftElement {
  const parts = key.split(" . ").map(readKeyPart);
  const [first] = parts;
  const value: NftValue =
    parts.length === 1 && first !== undefined ? first : { kind: "concat", parts };
  const [namespace, name] = owner.split("/");
  return {
    key: value,
    ...(comment === undefined ? {} : { comment }),
    ...(verdict === undefined ? {} : { data: { kind: "verdict", verdict: treeVerdict(verdict) } }),
    ...(namespace && name ? { origin: { kind: "Service", namespace, name } } : {}),
  };
}

function readKeyPart(text: string): NftValue {
  if (/^\d+$/.test(text)) return { kind: "number", number: Number(text) };
  return /^[a-z]+$/.test(text)
    ? { kind: "word", word: text }
    : { kind: "addr", addr: parseAddr(text) };
}

/** A verdict of a map; `reject` is a statement and stands in no map. */
function treeVerdict(verdict: NftVerdict): NftTreeVerdict {
  switch (verdict.kind) {
    case "jump":
    case "goto":
      return { kind: verdict.kind, chain: verdict.chain };
    case "return":
    case "drop":
      return { kind: verdict.kind };
    case "reject":
      return { kind: "drop" };
  }
}

const MARK: NftExpr = { kind: "meta", key: "mark" };

function treeStatement(statement: NftStatement, context: Context): NftTreeStatement[] {
  const { ip } = context;
  switch (statement.kind) {
    case "addr": {
      const left: NftExpr = { kind: "payload", protocol: ip, field: statement.side };
      return [match(left, treeOperand(statement.operand), statement.not)];
    }
    case "iifname":
      return [
        match(
          { kind: "meta", key: "iifname" },
          { kind: "word", word: statement.name },
          statement.not,
        ),
      ];
    case "fib-local":
      return [
        match({ kind: "fib", inputs: [statement.side], result: "type" }, word("local"), undefined),
      ];
    case "ct-new":
      return [match({ kind: "ct", key: "state" }, word("new"), undefined)];
    case "ct-dnat":
      return [match({ kind: "ct", key: "status" }, word("dnat"), undefined)];
    case "l4proto":
      return [match({ kind: "meta", key: "l4proto" }, word(statement.protocol), undefined)];
    case "mark-clear":
    case "mark-set": {
      const right: NftExpr = { kind: "value", value: markValue(statement.mark, context) };
      const left: NftExpr = { kind: "binary", op: "&", left: MARK, right };
      const op = statement.kind === "mark-clear" ? "==" : "!=";
      return [{ kind: "match", left, op, right: { kind: "number", number: 0 } }];
    }
    case "mark-or":
    case "mark-xor": {
      const right: NftExpr = { kind: "value", value: markValue(statement.mark, context) };
      const op = statement.kind === "mark-or" ? "|" : "^";
      return [{ kind: "set", target: MARK, value: { kind: "binary", op, left: MARK, right } }];
    }
    case "vmap":
      return [
        { kind: "vmap", expr: destination(ip, statement.withAddr), map: setRef(statement.map) },
      ];
    case "balance":
      return [balance(statement.chains)];
    case "dnat-map":
      return [dnatMap(statement.targets, ip)];
    case "connection":
      return [match(connection(ip), setRef(statement.set), undefined)];
    case "update": {
      const expr: NftExpr = { kind: "payload", protocol: ip, field: "saddr" };
      return [{ kind: "update", op: "update", set: statement.set, expr }];
    }
    case "dnat":
      return [
        {
          kind: "dnat",
          addr: { kind: "value", value: { kind: "addr", addr: statement.addr } },
          port: { kind: "value", value: { kind: "number", number: statement.port } },
        },
      ];
    case "masquerade":
      return [{ kind: "masquerade", flags: ["fully-random"] }];
    case "reject":
      return [{ kind: "reject" }];
    case "jump":
    case "goto":
    case "drop":
    case "return":
      return [{ kind: "verdict", verdict: treeVerdict(statement) }];
    default:
      return unreachable(statement);
  }
}

function match(left: NftExpr, right: NftValue, not: boolean | undefined): NftTreeStatement {
  return not ? { kind: "match", left, op: "!=", right } : { kind: "match", left, right };
}

function word(text: string): NftValue {
  return { kind: "word", word: text };
}

function setRef(name: string): NftValue {
  return { kind: "set-ref", name };
}

function markValue(mark: number, { printMark }: Context): NftValue {
  return { kind: "number", number: mark, text: printMark(mark) };
}

function destination(ip: "ip" | "ip6", withAddr: boolean): NftExpr {
  const parts: NftExpr[] = [
    { kind: "meta", key: "l4proto" },
    { kind: "payload", protocol: "th", field: "dport" },
  ];
  if (withAddr) parts.unshift({ kind: "payload", protocol: ip, field: "daddr" });
  return { kind: "concat", parts };
}

function balance(chains: readonly string[]): NftTreeStatement {
  const elements = chains.map(
    (chain, i): NftElement => ({
      key: { kind: "number", number: i },
      data: { kind: "verdict", verdict: { kind: "goto", chain } },
    }),
  );
  const expr: NftExpr = { kind: "numgen", mode: "random", mod: chains.length };
  return { kind: "vmap", expr, map: { kind: "set", elements } };
}

function dnatMap(targets: readonly NftTarget[], ip: "ip" | "ip6"): NftTreeStatement {
  const elements = targets.map(({ addr, port }, i): NftElement => {
    const parts: NftValue[] = [
      { kind: "addr", addr },
      { kind: "number", number: port },
    ];
    return { key: { kind: "number", number: i }, data: { kind: "concat", parts } };
  });
  const expr: NftExpr = { kind: "numgen", mode: "random", mod: targets.length };
  const addr: NftExpr = { kind: "map", expr, map: { kind: "set", elements } };
  return { kind: "dnat", family: ip, form: "addr . port", addr };
}

/** Source and destination, protocol and port. */
function connection(ip: "ip" | "ip6"): NftExpr {
  const parts: NftExpr[] = [
    { kind: "payload", protocol: ip, field: "saddr" },
    { kind: "payload", protocol: ip, field: "daddr" },
    { kind: "meta", key: "l4proto" },
    { kind: "payload", protocol: "th", field: "dport" },
  ];
  return { kind: "concat", parts };
}

function treeOperand(operand: AddrOperand): NftValue {
  switch (operand.kind) {
    case "addr":
      return { kind: "addr", addr: operand.addr };
    case "text":
      return addrValue(operand.text);
    case "set":
      return setRef(operand.set);
    case "any-of":
      return anyOf(operand.members.map(String));
    case "joined":
      return anyOf(operand.texts);
  }
}

function anyOf(texts: readonly string[]): NftValue {
  return { kind: "set", elements: texts.map((text) => ({ key: addrValue(text) })) };
}

function addrValue(text: string): NftValue {
  return text.includes("/")
    ? { kind: "prefix", prefix: parsePrefix(text) }
    : { kind: "addr", addr: parseAddr(text) };
}
