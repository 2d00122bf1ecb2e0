/** The lesson: two pods and a Service, in the six commands with which everybody begins. */
import type { Family } from "../addr/index.js";
import { Cluster } from "./cluster.js";
import type { KubectlAnswer } from "./live-cluster.js";

/** One command of the lesson and its answer. */
export interface LessonStep {
  readonly command: string;
  readonly answer: KubectlAnswer;
}

/** How the lesson is given. */
export interface LessonOptions {
  /** Default: `["ip4"]`. */
  readonly families?: readonly Family[];
  /** Default: `lesson-1`. */
  readonly seed?: string;
}

/**
 * Gives the lesson.
 *
 * Returns: each command as it was typed, with what it printed and every packet behind it.
 */
export function giveLesson(options: LessonOptions = {}): readonly LessonStep[] {
  const { families = ["ip4"], seed = "lesson-1" } = options;
  const sim = Cluster.create({ nodes: 2, families }).start({ seed });
  const steps: LessonStep[] = [];
  const type = (command: string) => {
    steps.push({ command, answer: sim.kubectl(command) });
    sim.advance(2_000_000);
  };
  type("kubectl run pod-a --image=nginx --restart=Never");
  type("kubectl run pod-b --image=nginx --restart=Never");
  type("kubectl get pods -o wide");
  const addr = sim.cluster.get("Pod", "default", "pod-b")?.status?.podIP ?? "";
  type(`kubectl exec pod-a -- curl http://${addr.includes(":") ? `[${addr}]` : addr}`);
  type("kubectl expose pod pod-b --type=ClusterIP --name=pod-b-service --port=80 --target-port=80");
  type("kubectl exec pod-a -- curl http://pod-b-service");
  return steps;
}
