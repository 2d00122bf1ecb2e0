/** Histories of a cluster as a proxy sees it. */
import * as fc from "fast-check";
import type { ProxyObjects } from "../../../src/proxy/index.js";
import { anyObjects } from "./arbitrary-objects.js";

/** Some snapshots, in which objects that did not change are the same objects. */
export const anyHistory = fc
  .array(fc.tuple(anyObjects, fc.array(fc.boolean(), { minLength: 12, maxLength: 12 })), {
    minLength: 2,
    maxLength: 5,
  })
  .map((steps) => {
    let last: ProxyObjects = { services: [], endpointSlices: [] };
    return steps.map(([objects, keep]) => {
      const merge = <
        T extends { readonly metadata?: { readonly name?: string | undefined } | undefined },
      >(
        before: readonly T[],
        after: readonly T[],
      ) =>
        after.map((object, i) => {
          const old = before.find((o) => o.metadata?.name === object.metadata?.name);
          return old !== undefined && keep[i % keep.length] ? old : object;
        });
      last = {
        services: merge(last.services, objects.services),
        endpointSlices: merge(last.endpointSlices, objects.endpointSlices),
      };
      return last;
    });
  });
