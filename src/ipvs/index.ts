/** The door of `ipvs`. */
export * from "./config.js";
