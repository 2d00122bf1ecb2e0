/** The door of `netns`. */
export * from "./config.js";
