/** The door of `fabric`: namespaces joined by links, run on one virtual clock. */
export { Clock } from "./clock.js";
export { Fabric, type FabricOptions } from "./fabric.js";
export { JourneyLog } from "./journey-log.js";
export { type Attachment, type WireEnd, type Wiring, wire } from "./wiring.js";
