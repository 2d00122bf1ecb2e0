/**
 * Why something is there. Every compiled rule, route, neighbour and set element carries the object
 * it comes from, so that a trace can name it.
 */

/** The object that a compiled thing comes from. */
export interface Origin {
  /** `Service`, `EndpointSlice`, `NetworkPolicy`, `Node`, `Pod`, `cni`, `kube-proxy`, `kubelet`, `kernel`, … */
  readonly kind: string;
  readonly namespace?: string;
  readonly name?: string;
  /** A part of the object: a port name, a rule index. */
  readonly part?: string;
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
}

/** Prints an origin as an operator would say it: `Service shop/web:http (shop.yaml:41)`. */
export function printOrigin(origin: Origin): string {
  const name = [origin.namespace, origin.name].filter((p) => p !== undefined).join("/");
  const part = origin.part === undefined ? "" : `:${origin.part}`;
  const line = origin.line === undefined ? "" : `:${origin.line}`;
  const place = origin.file === undefined ? "" : ` (${origin.file}${line})`;
  return `${[origin.kind, name].filter((p) => p !== "").join(" ")}${part}${place}`;
}
