/** The door of `agents`: what drives real kernels. */
export type { BuildOptions } from "./lab/build/build.js";
export { type LabPlan, planLab } from "./lab/build/plan.js";
export { compareProbe, type RecordedNetnses } from "./lab/compare.js";
export {
  type CampaignOptions,
  type CaseOutcome,
  type CaseSource,
  diffLab,
} from "./lab/diff/campaign.js";
export {
  type CaseResult,
  compareRecording,
  type Difference,
  type DiffOptions,
  diffCase,
  type LabCase,
} from "./lab/diff/diff.js";
export { Lab, type LabAnswer, type LabOptions } from "./lab/lab.js";
export { type Machine, thisMachine } from "./lab/machine/machine.js";
export { VirtualMachine, type VmOptions } from "./lab/machine/vm.js";
export { dumpNetns } from "./lab/record/dump.js";
export { type LabRecording, recordLab } from "./lab/record/record.js";
export {
  probeStanding,
  raiseLab,
  readStanding,
  type StandingLab,
  takeDown,
} from "./lab/standing.js";
export { inNetns, ProgramError, runProgram } from "./system/run.js";
