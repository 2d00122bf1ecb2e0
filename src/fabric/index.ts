/** The door of `fabric`: namespaces joined by links, run on one virtual clock. */
export { Clock } from "./clock.js";
export { type DumpedAnswer, DumpedNetwork } from "./dumped.js";
export { Fabric, type FabricOptions } from "./fabric.js";
export { JourneyLog } from "./journey-log.js";
export type { Got, Probe, RecordedProbe, Recording, ServerSaw } from "./replay/recording.js";
export { configsOf, replayOn, replayRecording } from "./replay/replay.js";
export { traceLines } from "./replay/trace-lines.js";
export { type Attachment, type Attachments, type WireEnd, type Wiring, wire } from "./wiring.js";
