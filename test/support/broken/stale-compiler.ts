/** A compiler that believes nothing changed as long as there are as many pods and Services. */
import { type ClusterState, type Compiled, Compiler } from "../../../src/cluster/index.js";

/** Wrong on purpose: a law must notice. */
export class StaleCompiler extends Compiler {
  #last: { readonly counts: string; readonly compiled: Compiled } | undefined;

  override compile(state: ClusterState): Compiled {
    const shards = [...state.namespaces.values()];
    const pods = shards.flatMap((s) => [...s.pods.values()].map((p) => p.size));
    const services = shards.map((s) => s.kinds.get("Service")?.size ?? 0);
    const counts = JSON.stringify([pods, services, state.nodes.size]);
    if (this.#last?.counts !== counts) this.#last = { counts, compiled: super.compile(state) };
    return this.#last.compiled;
  }
}
