/** The state machines by protocol. */
import type { IpvsProtocol } from "../config.js";
import { sctpStates } from "./sctp.js";
import type { ProtocolStates } from "./states.js";
import { tcpStates } from "./tcp.js";
import { udpStates } from "./udp.js";

const MACHINES: Readonly<Record<IpvsProtocol, ProtocolStates>> = {
  tcp: tcpStates,
  udp: udpStates,
  sctp: sctpStates,
};

/** The states of a protocol. */
export function statesOf(protocol: IpvsProtocol): ProtocolStates {
  return MACHINES[protocol];
}
