/** The door of `agents`: what drives real kernels. */
export type { BuildOptions } from "./lab/build.js";
export { compareProbe, type RecordedNetnses } from "./lab/compare.js";
export {
  type CaseResult,
  compareRecording,
  type Difference,
  type DiffOptions,
  diffCase,
  diffLab,
} from "./lab/diff.js";
export { dumpNetns } from "./lab/dump.js";
export { Lab, type LabAnswer, type LabOptions } from "./lab/lab.js";
export { type LabPlan, planLab } from "./lab/plan.js";
export { type LabCase, makeCase } from "./lab/random-case.js";
export { type LabRecording, recordLab } from "./lab/record.js";
export { inNetns, ProgramError, runProgram } from "./lab/run.js";
