/**
 * Single facts about Linux. Each file holds one mechanism; its name says which, and the table below
 * says who reads it. A file of a name that nobody reads is unsupported.
 */
import { basename } from "node:path";
import { listFiles } from "../files.js";
import type { Report, Suite } from "../suite.js";
import { checkBridgeArp } from "./linux/bridge-arp.js";
import { checkConntrack } from "./linux/conntrack.js";
import { checkHookOrder } from "./linux/hook-order.js";
import { checkLinkLife } from "./linux/link-lifecycle.js";
import { checkNat } from "./linux/nat.js";
import { checkOverlay } from "./linux/overlay.js";
import { checkRouteGet } from "./linux/route-get.js";
import { checkRouteInput } from "./linux/route-input-rows.js";

/** Reads one file and reports each of its cases. */
type Handler = (file: string, report: Report) => void;

const HANDLERS: Readonly<Record<string, Handler>> = {
  "bridge-arp.json": checkBridgeArp,
  "conntrack-ipv6.json": checkConntrack,
  "hook-order.json": checkHookOrder,
  "link-lifecycle.json": checkLinkLife,
  "nat.json": checkNat,
  "overlay-icmp-mtu.json": checkOverlay,
  "route-get.json": checkRouteGet,
  "route-input.json": checkRouteInput,
};

export const suite: Suite = (dir, report) => {
  for (const file of listFiles(dir, ".json")) {
    const name = basename(file);
    const handler = HANDLERS[name];
    if (handler === undefined) report.skip(name, "nothing reads this file yet");
    else handler(file, report);
  }
};
