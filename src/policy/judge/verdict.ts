/** What the judge answers: allowed or not, and because of what. */
import { type Origin, printOrigin } from "../../base/index.js";
import type { Direction } from "../model/policy.js";

/** Why one direction of a flow passes or does not. */
export type Reason =
  /** A rule decided. */
  | { readonly kind: "rule"; readonly origin: Origin }
  /** Policies isolate the pod, and none of their rules matches. */
  | { readonly kind: "isolation"; readonly policies: readonly Origin[] }
  /** No policy says anything. */
  | { readonly kind: "default" }
  /** A pod reaches itself, and a node its own pods; nothing can block that. */
  | { readonly kind: "exempt"; readonly what: "own pod" | "own node" };

/** The answer for one direction of one pod. */
export interface SideVerdict {
  readonly direction: Direction;
  readonly allowed: boolean;
  readonly reason: Reason;
  /** Rules that were left by `pass`, in order. */
  readonly passed: readonly Origin[];
  /** Domain names that nobody has resolved, in rules before the deciding one. */
  readonly unresolved: readonly string[];
}

/** The answer for a flow: a side is absent when its end is no pod. */
export interface FlowVerdict {
  readonly allowed: boolean;
  readonly egress?: SideVerdict;
  readonly ingress?: SideVerdict;
}

/** One side in words: `ingress denied: NetworkPolicy shop/deny-all isolates the pod`. */
export function printSide(side: SideVerdict): string {
  const word = side.allowed ? "allowed" : "denied";
  return `${side.direction} ${word}: ${printReason(side.reason)}`;
}

function printReason(reason: Reason): string {
  switch (reason.kind) {
    case "rule":
      return printOrigin(reason.origin);
    case "isolation":
      return `no rule matches, isolated by ${reason.policies.map(printOrigin).join(", ")}`;
    case "default":
      return "no policy applies";
    case "exempt":
      return reason.what === "own pod" ? "a pod to itself" : "a pod's own node";
  }
}
