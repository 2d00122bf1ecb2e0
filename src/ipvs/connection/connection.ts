/** One connection of IPVS: a client, the virtual server it asked, and the real server it was given. */
import type { Addr, Family } from "../../addr/index.js";
import type { IpvsProtocol } from "../config.js";
import type { RunningServer, RunningService } from "../service/running-service.js";

/** What names a connection: who asked whom. A template of persistence has port 0 for its client. */
export interface ConnectionName {
  readonly family: Family;
  readonly protocol: IpvsProtocol;
  readonly client: Addr;
  readonly clientPort: number;
  readonly virtual: Addr;
  readonly virtualPort: number;
}

/** A connection (`struct ip_vs_conn`). Mutable: it belongs to the table of one namespace. */
export interface Connection extends ConnectionName {
  virtualPort: number;
  readonly real: Addr;
  realPort: number;
  readonly service: RunningService;
  readonly server: RunningServer;
  /** Holds a client to its real server, and is never sent by (IP_VS_CONN_F_TEMPLATE). */
  readonly isTemplate: boolean;
  /** Of one datagram only: in no table, and no reply belongs to it (IP_VS_CONN_F_ONE_PACKET). */
  readonly isOnePacket: boolean;
  /** In the words of `ipvsadm -Lnc`. */
  state: string;
  /** Counts among the active ones of its real server (not IP_VS_CONN_F_INACTIVE). */
  isActive: boolean;
  /** Its entry of conntrack is kept, and goes with it (IP_VS_CONN_F_NFCT). */
  keepsConntrack: boolean;
  /** Lives so long after a packet. */
  timeoutUs: number;
  /** Simulated microseconds; at this time it ends. */
  expiresUs: number;
  /** The template it was made by. */
  control: Connection | undefined;
  /** How many connections were made by this template and live. */
  controlled: number;
}

/** State of a template that no connection proved yet, and of one that was (`IP_VS_CTPL_S_ASSURED`). */
export const TemplateState = { none: "NONE", assured: "ASSURED" } as const;

/** The port that a template gets which holds no longer: nobody asks for it. */
export const INVALID_PORT = 0xffff;
