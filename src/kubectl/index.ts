/** The door of `kubectl`: tables of objects, and the built-in kubectl. */
export { printTable, type TableOptions } from "./tables/tables.js";
