/** The door of `link`: devices, bridges, tunnels, neighbours. */
export * from "./config.js";
