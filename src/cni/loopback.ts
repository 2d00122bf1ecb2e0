/** The loopback device, the same object in every namespace. */
import { parseLinkAddr } from "../addr/index.js";
import type { LinkConfig } from "../link/index.js";

/** MTU of loopback devices, bytes. */
const LOOPBACK_MTU = 65536;

/** The loopback every namespace has. */
export const LOOPBACK: LinkConfig = {
  index: 1,
  name: "lo",
  mtu: LOOPBACK_MTU,
  up: true,
  kind: { kind: "loopback" },
  addresses: [
    { address: parseLinkAddr("127.0.0.1/8"), scope: "host", label: "lo" },
    { address: parseLinkAddr("::1/128"), scope: "host" },
  ],
  origin: { kind: "kernel" },
};
