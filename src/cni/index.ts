/** The door of `cni`: network flavours as functions to links, routes and rules. */
export { deriveMac, hash32, nameVeths } from "./derive.js";
export { KERNEL_RULES, kernelRoutes, linkLocalAddress, sortRoutes } from "./kernel-routes.js";
export { kubeletRules } from "./kubelet.js";
export { makeAddress } from "./links.js";
export { LOOPBACK } from "./loopback.js";
export { flannelRules, type MasqueradeInput } from "./masquerade.js";
export { configureNode, configureNodeBase, type NetworkConfig, type NodeBase } from "./node.js";
export { DEFAULT_ROUTE, FLANNEL_PORT, FLANNEL_VNI, userRoute, vxlanLink } from "./peers.js";
export {
  BRIDGE,
  ETHERNET_MTU,
  type FlavourName,
  type NetworkPlan,
  type NodePlan,
  POD_LINK,
  type PodPlan,
  podMtu,
  podNetns,
  UPLINK,
} from "./plan.js";
export { configurePod } from "./pod.js";
