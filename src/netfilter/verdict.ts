/** What one rule, chain or hook answers. */
import type { Origin } from "../base/index.js";

/** A rule's answer; `continue` means that the next rule is asked. */
export type Verdict =
  | { readonly kind: "accept" }
  | { readonly kind: "drop" }
  | { readonly kind: "continue" }
  | { readonly kind: "return" }
  | { readonly kind: "jump"; readonly chain: string }
  | { readonly kind: "goto"; readonly chain: string }
  /** Handed to user space. Modelled as a drop with its own fate when nobody listens. */
  | { readonly kind: "queue"; readonly number: number };

/** How a packet was refused: with an ICMP error of these numbers, or with a TCP reset. */
export type RejectWith =
  | { readonly kind: "icmp"; readonly type: number; readonly code: number }
  | { readonly kind: "tcp-reset" };

/** The rule or chain policy that decided. */
export interface Decider {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  /** Position in the chain, from 0; absent when the chain's policy decided. */
  readonly ruleIndex?: number;
  /** The rule as its tool prints it. */
  readonly text?: string;
  readonly origin?: Origin;
}
