/** The door of `testing`: random clusters for properties. It takes fast-check, an optional peer. */
export { type CaseOptions, labCase } from "./lab/arbitrary.js";
export { type ClusterCase, LabCases, makeCase } from "./lab/cases.js";
export { printCase } from "./lab/cluster.js";
export type {
  CaseSpec,
  PodSpec,
  PolicySpec,
  ProbeSpec,
  ServiceSpec,
  TargetKind,
} from "./lab/spec.js";
