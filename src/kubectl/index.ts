/** The door of `kubectl`: tables of objects, and the built-in kubectl. */
export type { ExecRequest, ExecResult, KubectlBackend } from "./backend.js";
export {
  ClusterBackend,
  type ClusterContext,
  type KubectlResult,
  kubectl,
} from "./cluster-backend.js";
export { type CommandResult, runKubectl } from "./run-kubectl.js";
export type { CallInput } from "./session.js";
export { type Table, type TableColumn, tableOf } from "./tables/rows.js";
export { printTable, type TableOptions } from "./tables/tables.js";
