/** The door of `agents`: what drives real kernels. */
export type { BuildOptions } from "./lab/build.js";
export { Lab, type LabAnswer, type LabOptions } from "./lab/lab.js";
export { type LabPlan, planLab } from "./lab/plan.js";
export { inNetns, ProgramError, runProgram } from "./lab/run.js";
