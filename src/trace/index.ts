/** The door of `trace`: steps, fates, recording, rendering. */
export * from "./step.js";
