/** ipsets as plain data: what `ipset save` prints. */
import type { Family } from "../addr/index.js";
import type { Origin } from "../base/index.js";

/** One set. */
export interface IpsetConfig {
  readonly name: string;
  /** `hash:ip`, `hash:net`, `hash:ip,port`, `hash:ip,port,ip`, `hash:ip,port,net`, `hash:net,port`, `bitmap:port`, `list:set`, … */
  readonly type: string;
  readonly family?: Family;
  /** Options of `create` in their printed order, without type and family: `hashsize 1024`, … */
  readonly options: readonly string[];
  readonly entries: readonly IpsetEntry[];
  readonly origin?: Origin;
}

/** One element. */
export interface IpsetEntry {
  /** As ipset prints it: `10.0.0.1`, `10.0.0.0/24`, `10.0.0.1,tcp:80`, `10.0.0.1,udp:53,10.0.0.2`. */
  readonly text: string;
  readonly nomatch?: boolean;
  readonly timeoutSeconds?: number;
  readonly comment?: string;
  /** Counters and packet metadata in their printed order: `packets 0 bytes 0`. */
  readonly options?: readonly string[];
  readonly origin?: Origin;
}
