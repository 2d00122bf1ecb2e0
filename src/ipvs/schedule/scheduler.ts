/** Choosing the real server of a new connection: what all schedulers have in common. `open.ts` makes them. */
import type { Addr } from "../../addr/index.js";

/** What a scheduler looks at in a real server. */
export interface Candidate {
  readonly addr: Addr;
  readonly port: number;
  /** 0 or less: no new connections. */
  readonly weight: number;
  /** The last weight that was not 0, or the weight it was added with. */
  readonly lastWeight: number;
  /** Established connections. */
  readonly active: number;
  /** Connections that end, or that have no state that counts. */
  readonly inactive: number;
}

/** Who asks. */
export interface Client {
  readonly addr: Addr;
  readonly port: number;
}

/** What happened to the list of real servers: one was added at its head, one was taken out, one has another weight. */
export type ListChange =
  | { readonly kind: "added" }
  | { readonly kind: "removed"; readonly at: number }
  | { readonly kind: "weighted" };

/** Where a scheduler stands, as plain data. */
export interface SchedulerState {
  /** Place of the real server chosen last; -1: at the head of the list. */
  readonly at: number;
  /** `wrr`: the weight a real server needs now. */
  readonly needed: number;
}

/** A scheduler of one virtual server. The list it chooses from is its virtual server's. */
export interface Scheduler {
  /** The place of the next real server in the list; undefined: nobody takes the connection. */
  choose(client: Client): number | undefined;
  /** Is told of every change, after it. */
  changed(change: ListChange): void;
  /** Where it stands. */
  save(): SchedulerState;
  /** Goes on from where another stood. */
  restore(state: SchedulerState): void;
}
