/** The ends of listed connections, and which of them somebody wants to see. */
import type { Range } from "../../addr/index.js";
import type { Direction } from "../model/policy.js";
import type { Workload } from "./workloads.js";

/** An end of a listed connection. */
export type ListedEnd =
  | { readonly kind: "workload"; readonly workload: Workload }
  | { readonly kind: "outside"; readonly range: Range };

/** A part of the list. Workloads are named `name` or `namespace/name`. */
export interface Focus {
  /** Connections of which one end is one of these. Default: of every workload. */
  readonly workloads?: readonly string[];
  /** Only those into (`ingress`) or out of (`egress`) these workloads. */
  readonly direction?: Direction;
  /** Only those whose other end is one of these. */
  readonly peers?: readonly string[];
  /** Only those that may use this port. */
  readonly on?: { readonly protocol: number; readonly port: number };
}

interface Ends {
  readonly src: ListedEnd;
  readonly dst: ListedEnd;
}

/** Whether a connection between two ends is to be seen; the port is not looked at. */
export function isInFocus(focus: Focus, { src, dst }: Ends): boolean {
  const { workloads, direction, peers } = focus;
  if (workloads === undefined) return true;
  const fits = (own: ListedEnd, peer: ListedEnd) =>
    isNamed(own, workloads) && (peers === undefined || isNamed(peer, peers));
  return (direction !== "ingress" && fits(src, dst)) || (direction !== "egress" && fits(dst, src));
}

/** Whether an end goes by one of these names. */
export function isNamed(end: ListedEnd, names: readonly string[]): boolean {
  if (end.kind === "outside") return false;
  const { namespace, name } = end.workload;
  return names.includes(name) || names.includes(`${namespace}/${name}`);
}
