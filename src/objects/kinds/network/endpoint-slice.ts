/** EndpointSlices, and the older Endpoints. Field names are those of Kubernetes v1.35.4. */

import {
  bool,
  type Infer,
  int32,
  list,
  map,
  opt,
  ptr,
  req,
  str,
  struct,
  val,
} from "../../shape/shape.js";
import { addressType, protocol } from "../enums.js";
import { objectMeta } from "../meta.js";
import { object } from "../object.js";
import { objectReference } from "../reference.js";

export const endpointConditions = struct("EndpointConditions", {
  ready: ptr(bool),
  serving: ptr(bool),
  terminating: ptr(bool),
});

/** EndpointConditions, as Kubernetes names its fields. */
export interface EndpointConditions extends Infer<typeof endpointConditions> {}

export const forZone = struct("ForZone", {
  name: req(str),
});

/** ForZone, as Kubernetes names its fields. */
export interface ForZone extends Infer<typeof forZone> {}

export const forNode = struct("ForNode", {
  name: req(str),
});

/** ForNode, as Kubernetes names its fields. */
export interface ForNode extends Infer<typeof forNode> {}

export const endpointHints = struct("EndpointHints", {
  forZones: opt(list(forZone)),
  forNodes: opt(list(forNode)),
});

/** EndpointHints, as Kubernetes names its fields. */
export interface EndpointHints extends Infer<typeof endpointHints> {}

export const endpoint = struct("Endpoint", {
  addresses: req(list(str)),
  conditions: val(endpointConditions),
  hostname: ptr(str),
  targetRef: ptr(objectReference),
  deprecatedTopology: opt(map(str)),
  nodeName: ptr(str),
  zone: ptr(str),
  hints: ptr(endpointHints),
});

/** Endpoint, as Kubernetes names its fields. */
export interface Endpoint extends Infer<typeof endpoint> {}

export const sliceEndpointPort = struct("EndpointPort", {
  name: ptr(str, { default: "" }),
  protocol: ptr(protocol, { default: "TCP" }),
  port: ptr(int32),
  appProtocol: ptr(str),
});

/** SliceEndpointPort, as Kubernetes names its fields. */
export interface SliceEndpointPort extends Infer<typeof sliceEndpointPort> {}

/** The shape of EndpointSlice. */
export const endpointSlice = object("discovery.k8s.io/v1", "EndpointSlice", {
  metadata: req(objectMeta),
  addressType: req(addressType),
  endpoints: req(list(endpoint)),
  ports: req(list(sliceEndpointPort)),
});

/** EndpointSlice, as Kubernetes names its fields. */
export interface EndpointSlice extends Infer<typeof endpointSlice> {}

export const endpointAddress = struct("EndpointAddress", {
  ip: req(str),
  hostname: opt(str),
  nodeName: ptr(str),
  targetRef: ptr(objectReference),
});

/** EndpointAddress, as Kubernetes names its fields. */
export interface EndpointAddress extends Infer<typeof endpointAddress> {}

export const endpointPort = struct("EndpointPort", {
  name: opt(str),
  port: req(int32),
  protocol: opt(protocol, { default: "TCP" }),
  appProtocol: ptr(str),
});

/** EndpointPort, as Kubernetes names its fields. */
export interface EndpointPort extends Infer<typeof endpointPort> {}

export const endpointSubset = struct("EndpointSubset", {
  addresses: opt(list(endpointAddress)),
  notReadyAddresses: opt(list(endpointAddress)),
  ports: opt(list(endpointPort)),
});

/** EndpointSubset, as Kubernetes names its fields. */
export interface EndpointSubset extends Infer<typeof endpointSubset> {}

/** The shape of Endpoints. */
export const endpoints = object("v1", "Endpoints", {
  metadata: req(objectMeta),
  subsets: opt(list(endpointSubset)),
});

/** Endpoints, as Kubernetes names its fields. */
export interface Endpoints extends Infer<typeof endpoints> {}
