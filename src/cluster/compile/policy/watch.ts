/** The policies of a cluster, and who they can select. */
import type { KubeObject, Namespace, Node, Pod } from "../../../objects/index.js";
import {
  type Member,
  membersOf,
  type NodeMember,
  nodeMembersOf,
  type Policy,
  readPolicies,
} from "../../../policy/index.js";
import { compareText } from "../../state/identity.js";
import { type ClusterState, eachObject } from "../../state/state.js";

/** What a policy agent watches. */
export interface PolicyWatch {
  /** In the order in which they are asked. */
  readonly policies: readonly Policy[];
  /** By namespace and name. */
  readonly members: readonly Member[];
  readonly nodes: readonly NodeMember[];
}

/** The kinds of policies that stand in no namespace. */
const CLUSTER_WIDE = [
  "AdminNetworkPolicy",
  "BaselineAdminNetworkPolicy",
  "ClusterNetworkPolicy",
] as const;

/** Gathers what a policy agent watches of a state; undefined if there are no policies. */
export function watchPolicies(state: ClusterState): PolicyWatch | undefined {
  const namespaces = [...state.namespaces.keys()].sort(compareText);
  const objects: KubeObject[] = namespaces.flatMap((ns) => sorted(state, "NetworkPolicy", ns));
  for (const kind of CLUSTER_WIDE) objects.push(...sorted(state, kind, ""));
  if (objects.length === 0) return undefined;
  const policies = readPolicies(objects.map((object) => ({ object })));
  const members = membersOf({
    namespaces: [...eachObject(state, "Namespace", "")] as Namespace[],
    pods: namespaces.flatMap((ns) => sorted(state, "Pod", ns) as Pod[]),
  });
  return { policies, members, nodes: nodeMembersOf(sorted(state, "Node", "") as Node[]) };
}

function sorted(state: ClusterState, kind: Parameters<typeof eachObject>[1], namespace: string) {
  const nameOf = ({ metadata }: KubeObject) => metadata.name ?? "";
  return [...eachObject(state, kind, namespace)].sort((a, b) => compareText(nameOf(a), nameOf(b)));
}
