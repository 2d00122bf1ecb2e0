/** The door of `fib`: routes, policy rules and the look-up over them. */
export * from "./config.js";
