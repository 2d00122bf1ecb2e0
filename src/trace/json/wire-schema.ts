/** Packets and frames in the JSON schema of a trace. */
import { object, ref, type Schema, text, textOf, whole, yesNo } from "./schema-parts.js";

const payload = { payload: ref("payload") };
const ports = { sport: whole, dport: whole };
const addr = ref("addr");
const mac = ref("mac");

/** Definitions of everything that steps quote from `wire` and `addr`. */
export const WIRE_DEFINITIONS: Schema = {
  addr: { ...text, description: "An IPv4 or IPv6 address in canonical text (RFC 5952)." },
  mac: { type: "string", pattern: "^[0-9a-f]{2}(:[0-9a-f]{2}){5}$" },
  frame: object({ src: mac, dst: mac, payload: { oneOf: [ref("packet"), ref("arp")] } }),
  arp: object({
    kind: { const: "arp" },
    operation: textOf("request", "reply"),
    senderMac: mac,
    sender: addr,
    targetMac: mac,
    target: addr,
  }),
  packet: object(
    {
      family: textOf("ip4", "ip6"),
      src: addr,
      dst: addr,
      ttl: whole,
      tos: whole,
      id: whole,
      df: yesNo,
      payload: ref("transport"),
    },
    { fragment: object({ offsetBytes: whole, more: yesNo }) },
  ),
  transport: {
    oneOf: ["tcp", "udp", "sctp", "icmp", "ipip", "other"].map((kind) => ref(`transport-${kind}`)),
  },
  "transport-tcp": object(
    {
      kind: { const: "tcp" },
      ...ports,
      seq: whole,
      ack: whole,
      flags: whole,
      window: whole,
      ...payload,
    },
    {
      ...{ mss: whole, windowScale: whole, sackPermitted: yesNo },
      timestamps: object({ value: whole, echo: whole }),
    },
  ),
  "transport-udp": object({ kind: { const: "udp" }, ...ports, ...payload }),
  "transport-sctp": object({
    ...{ kind: { const: "sctp" }, ...ports, tag: whole },
    ...{ chunks: { type: "array", items: whole }, ...payload },
  }),
  "transport-icmp": object(
    { kind: { const: "icmp" }, type: whole, code: whole, ...payload },
    {
      ...{ id: whole, seq: whole, mtu: whole, flags: whole },
      ...{ target: addr, linkAddr: mac, quoted: ref("packet") },
    },
  ),
  "transport-ipip": object({ kind: { const: "ipip" }, packet: ref("packet") }),
  "transport-other": object({ kind: { const: "other" }, protocol: whole, ...payload }),
  payload: {
    oneOf: [
      object({ kind: { const: "bytes" }, bytes: { type: "string", contentEncoding: "base64" } }),
      object({ kind: { const: "filler" }, lengthBytes: whole }),
      object({ kind: { const: "vxlan" }, vni: whole, frame: ref("frame") }),
    ],
  },
};
