/** The door of `workbench`: the cluster people type at. */
export { Cluster, type Manifests } from "./cluster.js";
export { giveLesson, type LessonOptions, type LessonStep } from "./lesson.js";
export { type KubectlAnswer, LiveCluster } from "./live-cluster.js";
