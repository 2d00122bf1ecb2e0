/** A packet through kube-proxy's nftables table, with the meaning kube-proxy's own tests give it. */
import { parseAddr, parsePrefix } from "../../../src/addr/index.js";
import type { Flow, Traced } from "./iptables-trace.js";
import type { NftDump } from "./nft-dump.js";

interface Walk {
  readonly dump: NftDump;
  readonly locals: ReadonlySet<string>;
  readonly outputs: string[];
  translated: boolean;
  marked: boolean;
  masqueraded: boolean;
}

/**
 * Walks a packet through prerouting, forward and input, and from release 1.36 on postrouting; before,
 * a mark alone says that it would be masqueraded.
 */
export function traceNft(dump: NftDump, flow: Flow, locals: readonly string[]): Traced {
  const walk: Walk = {
    dump,
    locals: new Set(locals),
    outputs: [],
    translated: false,
    marked: false,
    masqueraded: false,
  };
  // Upstream looks addresses up as the text they came in, so `::0` is not `::`.
  const packet = { ...flow, protocol: flow.protocol.toLowerCase() };
  const traced = () => ({ outputs: walk.outputs, masq: walk.marked });
  if (runChain(walk, "filter-prerouting-pre-dnat", packet)) return traced();
  runChain(walk, "nat-prerouting", packet);
  const [first] = walk.outputs;
  walk.translated = first !== undefined;
  const destIP =
    first === undefined ? packet.destIP : first.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  const translated = { ...packet, destIP };
  if (runChain(walk, "filter-forward", translated)) return traced();
  runChain(walk, "filter-input", translated);
  if (!dump.containers.has("hairpin-connections")) return traced();
  runChain(walk, "nat-postrouting", translated);
  return { outputs: walk.outputs, masq: walk.masqueraded };
}

/** True when the packet's way ends in the chain. */
function runChain(walk: Walk, name: string, packet: Flow): boolean {
  const chain = walk.dump.chains.get(name);
  if (chain === undefined) throw new Error(`no chain ${name}`);
  for (const line of chain.rules) {
    const rule = line
      .split(" ")
      .slice(5)
      .join(" ")
      .replace(/ *comment "[^"]*"$/, "");
    const ended = runRule(walk, rule, packet);
    if (ended !== undefined) return ended;
  }
  return false;
}

/** Undefined: on to the next rule. */
function runRule(walk: Walk, rule: string, packet: Flow): boolean | undefined {
  let rest = rule.replace(/^ct state new/, "").trimStart();
  while (rest !== "") {
    const step = matchPart(walk, rest, packet) ?? verdictPart(walk, rest, packet);
    if (step === undefined) throw new Error(`unmatched rule: ${rule}`);
    if (step.ended !== undefined) return step.ended;
    if (!step.matched) return undefined;
    rest = step.rest.trimStart();
  }
  return undefined;
}

interface Part {
  readonly matched: boolean;
  readonly rest: string;
  readonly ended?: boolean;
}

function matchPart(walk: Walk, rest: string, packet: Flow): Part | undefined {
  const { sourceIP, destIP, protocol, destPort } = packet;
  const simple = matchSimply(walk, rest, packet);
  if (simple !== undefined) return simple;
  const affinity = /^ip6? saddr @affinity\S+ goto \S+$|^update @\S+ \{ ip6? saddr \}$/.exec(rest);
  if (affinity) return { matched: false, rest: "" };
  const vmap = /^(ip6? daddr \. )?meta l4proto \. th dport vmap @(\S+)$/.exec(rest);
  if (vmap) {
    const key = `${vmap[1] ? `${destIP} . ` : ""}${protocol} . ${destPort}`;
    const value = walk.dump.lookup(vmap[2] ?? "", key);
    return { matched: value !== undefined, rest: value ?? "" };
  }
  const addr = /^(?:ip6?) (saddr|daddr) (!= )?(?:@(\S+)|\{([^}]*)\}|(\S+))/.exec(rest);
  if (addr) {
    const [all, side, not, set, members, single] = addr;
    const subject = side === "saddr" ? sourceIP : destIP;
    const after = rest.slice(all.length);
    if (set !== undefined) {
      return { matched: walk.dump.lookup(set, subject) !== undefined, rest: after };
    }
    const blocks = (members ?? single ?? "").split(",").map((b) => b.trim());
    return { matched: blocks.every((b) => contains(b, subject) === !not), rest: after };
  }
  const fib = /^fib (saddr|daddr) type local/.exec(rest);
  if (fib) {
    const subject = fib[1] === "saddr" ? sourceIP : destIP;
    return { matched: walk.locals.has(subject), rest: rest.slice(fib[0].length) };
  }
  return undefined;
}

/** What release 1.36 added, each with how upstream's tracer takes it. */
function matchSimply(walk: Walk, rest: string, { sourceIP, destIP, protocol }: Flow) {
  const parts: readonly (readonly [RegExp, (found: RegExpExecArray) => boolean])[] = [
    [/^ct status dnat/, () => walk.translated],
    [/^ip6? saddr \. ip6? daddr \. meta l4proto \. th dport @\S+/, () => sourceIP === destIP],
    [/^meta l4proto (tcp|udp|sctp)(?= dnat ip)/, ([, name]) => name === protocol],
    [/^mark and 0x[0-9a-f]+ != 0 mark set mark xor 0x[0-9a-f]+/, () => takeMark(walk)],
  ];
  for (const [pattern, holds] of parts) {
    const found = pattern.exec(rest);
    if (found) return { matched: holds(found), rest: rest.slice(found[0].length) };
  }
  return undefined;
}

function takeMark(walk: Walk): boolean {
  const { marked } = walk;
  walk.marked = false;
  return marked;
}

function verdictPart(walk: Walk, rest: string, packet: Flow): Part | undefined {
  if (rest === "jump mark-for-masquerade" || /^mark set mark or 0x[0-9a-f]+$/.test(rest)) {
    walk.marked = true;
    return { matched: true, rest: "" };
  }
  if (rest === "masquerade fully-random") {
    walk.masqueraded = true;
    return { matched: true, rest: "" };
  }
  const targets = /^dnat ip6? addr \. port to numgen random mod \d+ map \{(.*)\}$/.exec(rest);
  if (targets) {
    for (const [, addr = "", port] of (targets[1] ?? "").matchAll(/\d+ : (\S+) \. (\d+)/g)) {
      walk.outputs.push(addr.includes(":") ? `[${addr}]:${port}` : `${addr}:${port}`);
    }
    return { matched: true, rest: "", ended: true };
  }
  const to = /^(jump|goto) (\S+)$/.exec(rest);
  if (to) {
    if (runChain(walk, to[2] ?? "", packet)) return { matched: true, rest: "", ended: true };
    return to[1] === "goto"
      ? { matched: true, rest: "", ended: false }
      : { matched: true, rest: "" };
  }
  if (rest === "drop" || rest === "reject") {
    walk.outputs.push(rest.toUpperCase());
    return { matched: true, rest: "", ended: true };
  }
  if (rest === "return") return { matched: true, rest: "", ended: false };
  const dnat = /^meta l4proto (?:tcp|udp|sctp) dnat to (\S+)$/.exec(rest);
  if (dnat) {
    walk.outputs.push(dnat[1] ?? "");
    return { matched: true, rest: "", ended: true };
  }
  const balance = /^numgen random mod \d+ vmap \{(.*)\}$/.exec(rest);
  if (balance) {
    for (const [, chain] of (balance[1] ?? "").matchAll(/\d+ : goto (\S+)/g)) {
      runChain(walk, chain ?? "", packet);
    }
    return { matched: true, rest: "", ended: true };
  }
  return undefined;
}

function contains(text: string, addr: string): boolean {
  if (!text.includes("/")) return parseAddr(text).equals(parseAddr(addr));
  return parsePrefix(text).contains(parseAddr(addr));
}
