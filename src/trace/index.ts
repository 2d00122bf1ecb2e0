/** The door of `trace`: steps, fates, recording, rendering. */
export { type Json, traceToJson } from "./json/trace-json.js";
export { TRACE_SCHEMA } from "./json/trace-schema.js";
export { mapOrigins } from "./map-origins.js";
export { drawMermaid } from "./mermaid.js";
export { type Paint, type Palette, PLAIN_PALETTE } from "./palette.js";
export { chooseFate, type RecorderOptions, type StepTaker, TraceRecorder } from "./recorder.js";
export * from "./step.js";
export { isGoodFate, printFate } from "./text/fate-text.js";
export { type PrintTraceOptions, printTrace } from "./text/print-trace.js";
export { describeStep, printRewrite, type StepText, type Tone } from "./text/step-text.js";
