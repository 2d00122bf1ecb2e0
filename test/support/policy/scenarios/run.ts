/** Asking every pod about every other, on a port of each protocol. */
import type { Addr } from "../../../../src/addr/index.js";
import { parseAddr } from "../../../../src/addr/index.js";
import type { Flow } from "../../../../src/policy/index.js";
import type { Step } from "./scenario.js";

const PROTOCOLS = [6, 17, 132];

/** Every flow of a moment: all ordered pairs of pods, three protocols. */
export function flowsOf({ pods }: Step, port: number): Flow[] {
  const addrs: Addr[] = pods.map((pod) => parseAddr(pod.ip));
  return PROTOCOLS.flatMap((protocol) =>
    addrs.flatMap((src) =>
      addrs.filter((dst) => dst !== src).map((dst) => ({ src, dst, protocol, port })),
    ),
  );
}
