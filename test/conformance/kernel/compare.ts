/** What two answers to one probe must agree in: the same comparison as the lab makes. */
export * from "../../../src/agents/lab/compare.js";
