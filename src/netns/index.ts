/** The door of `netns`. */
export * from "./config.js";
export { type DumpContext, type NetnsDump, parseNetnsDump } from "./dump/dump.js";
