/** The door of `proxy`. */
export * from "./model.js";
export * from "./settings.js";
export { PortMemo } from "./memo.js";
export * from "./services/object.js";
export {
  compileIptablesProxy,
  type IptablesProxyInput,
  type IptablesProxyRules,
} from "./iptables/compile.js";
export type { BuiltinRules } from "./iptables/jumps.js";
export type { PortRules } from "./iptables/port-rules.js";
export {
  failIptables,
  type IptablesState,
  type IptablesSync,
  type IptablesSyncOptions,
  startIptables,
  syncIptables,
} from "./iptables/sync.js";
export { builtinJumps } from "./iptables/jumps.js";
export { printProxyRule } from "./iptables/print-rule.js";
export { type MarkPrinter, masqueradeMark, printPaddedMark } from "./mark.js";
export { compileNftPorts, type NftablesProxyInput } from "./nftables/compile.js";
export { nftTableOf, printNftTable, type NftProxyTable } from "./nftables/dump.js";
export {
  type NftablesState,
  type NftablesSync,
  startNftables,
  syncNftables,
} from "./nftables/sync.js";
