/** The door of `netfilter/text`: texts of tools to trees and back. */

export { parseIpsetSave } from "./ipset/parse-ipset.js";
export { printIpsetSave } from "./ipset/print-ipset.js";
export { applyRestore, parseIptablesSave, type RestoreOptions } from "./iptables/apply-restore.js";
export { defaultRejectName, rejectWith } from "./iptables/modules/reject-names.js";
export { parseRestore, type TextOptions } from "./iptables/parse-restore.js";
export { probabilityBits } from "./iptables/print-match.js";
export { printIptablesSave, printSaveRule, type SaveOptions } from "./iptables/print-save.js";
export {
  BUILT_IN_CHAINS,
  isTableName,
  type RestoreCommand,
  type RestoreScript,
  type RestoreTable,
} from "./iptables/restore.js";
export { splitWords } from "./iptables/words.js";
export { parseNftJson } from "./nft/parse-json.js";
export { applyNft, parseNftRuleset } from "./nft/parse-ruleset.js";
export { isIptablesTable } from "./nft/parse-table.js";
export { printNftRuleset, printNftTable } from "./nft/print-ruleset.js";
export { printNftRule } from "./nft/print-statement.js";
