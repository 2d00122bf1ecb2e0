/** What a protocol's state machine answers. `of.ts` has the machines by protocol. */
import type { IpvsFlow } from "../flow.js";

/** `input`: from the client to the real server; `output`: back. */
export type IpvsDirection = "input" | "output";

/** The states of one protocol, in the words of `ipvsadm -Lnc`. */
export interface ProtocolStates {
  readonly first: string;
  /** The state after a packet. */
  next(before: string, direction: IpvsDirection, flow: IpvsFlow): string;
  /** How long a connection lives after a packet that left it in this state. */
  timeoutSeconds(state: string): number;
  /** Whether the connection counts as active. */
  isActive(state: string): boolean;
  /** Whether a change into this state, or a packet that leaves it so, proves the client's persistence. */
  assures(state: string, direction: IpvsDirection): boolean;
  /** Whether a packet that begins a connection may take the port over. */
  isOver(state: string): boolean;
}
