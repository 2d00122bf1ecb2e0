/**
 * Asking netfilter about a packet, and doing what it answers: go on, drop, or refuse with an error
 * that travels back.
 */
import { unreachable } from "../../base/index.js";
import type { Decider, Hook, HookResult, NfFamily, PriorityRange } from "../../netfilter/index.js";
import type { Stack } from "../stack.js";
import type { Transit } from "../transit.js";
import { endPacket, type FateFacts } from "./fate.js";
import { sendError, sendReset } from "./icmp/icmp-error.js";
import { ipvsPriority, passIpvs } from "./ipvs/pass.js";

/** How a hook of the IP families ended for a local sender: the error its system call returns. */
export type HookErrno = string;

/** Instead of an error: IPVS took the packet over, and its sender knows no better than that it went. */
export const STOLEN: HookErrno = "";

/**
 * Asks the hook of the packet's own family: rules, and IPVS in between.
 *
 * Returns: undefined when the packet goes on; else its end was told, and the name is the error that a
 * local sender gets (`EPERM`: Linux net/netfilter/core.c `nf_hook_slow`).
 */
export function askHook(stack: Stack, transit: Transit, hook: Hook): HookErrno | undefined {
  const { ipvs } = stack;
  if (ipvs === undefined) return askRules(stack, transit, hook);
  ipvs.expire();
  const upTo = ipvsPriority(hook);
  if (upTo === undefined) return askRules(stack, transit, hook);
  const errno = askRules(stack, transit, hook, { upTo });
  if (errno !== undefined) return errno;
  const verdict = passIpvs(stack, ipvs, transit, hook);
  if (verdict === "accept") return askRules(stack, transit, hook, { above: upTo });
  return verdict === "stolen" ? STOLEN : "EPERM";
}

function askRules(
  stack: Stack,
  transit: Transit,
  hook: Hook,
  range?: PriorityRange,
): HookErrno | undefined {
  const family = transit.skb.packet.family === "ip4" ? "ip" : "ip6";
  const result = stack.netfilter.run(family, hook, transit.skb, transit.tell, range);
  return result.kind === "accept" ? undefined : act(stack, transit, hook, result);
}

/** Asks a hook of a link-layer family, or a part of it. Returns whether the packet goes on. */
export function askLinkHook(
  stack: Stack,
  transit: Transit,
  family: NfFamily,
  hook: Hook,
  range?: PriorityRange,
): boolean {
  const result = stack.netfilter.run(family, hook, transit.skb, transit.tell, range);
  return result.kind === "accept" || act(stack, transit, hook, result) === undefined;
}

function act(
  stack: Stack,
  transit: Transit,
  hook: Hook,
  result: HookResult,
): HookErrno | undefined {
  switch (result.kind) {
    case "accept":
      return undefined;
    case "drop":
      endPacket(stack, transit, "dropped", facts(hook, result.by));
      return "EPERM";
    case "reject":
      endPacket(stack, transit, "rejected", facts(hook, result.by));
      if (result.with.kind === "tcp-reset") sendReset(stack, transit, true);
      else sendError(stack, transit, result.with);
      return "EPERM";
    case "unknown":
      endPacket(stack, transit, "unknown", { ...facts(hook, result.by), detail: result.feature });
      return "EPERM";
    case "refused":
      endPacket(stack, transit, "conntrack-refused", { hook, detail: result.reason });
      return /^E[A-Z]+$/.test(result.reason) ? result.reason : "EPERM";
    default:
      return unreachable(result);
  }
}

function facts(hook: Hook, by: Decider): FateFacts {
  return {
    hook,
    table: by.table,
    chain: by.chain,
    ...(by.text === undefined ? {} : { rule: by.text }),
    ...(by.origin === undefined ? {} : { origin: by.origin }),
  };
}
