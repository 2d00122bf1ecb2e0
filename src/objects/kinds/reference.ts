/** References from one object to another. Field names are those of Kubernetes v1.35.4. */
import { type Infer, opt, req, str, struct, val } from "../shape/shape.js";

export const localObjectReference = struct("LocalObjectReference", {
  name: opt(str),
});

/** LocalObjectReference, as Kubernetes names its fields. */
export interface LocalObjectReference extends Infer<typeof localObjectReference> {}

export const objectReference = struct("ObjectReference", {
  kind: opt(str),
  namespace: opt(str),
  name: opt(str),
  uid: opt(str),
  apiVersion: opt(str),
  resourceVersion: opt(str),
  fieldPath: opt(str),
});

/** ObjectReference, as Kubernetes names its fields. */
export interface ObjectReference extends Infer<typeof objectReference> {}

export const typedLocalObjectReference = struct("TypedLocalObjectReference", {
  apiGroup: val(str),
  kind: req(str),
  name: req(str),
});

/** TypedLocalObjectReference, as Kubernetes names its fields. */
export interface TypedLocalObjectReference extends Infer<typeof typedLocalObjectReference> {}
