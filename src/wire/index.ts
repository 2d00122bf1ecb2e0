/** The door of `wire`: packets and frames. */
export * from "./packet.js";
