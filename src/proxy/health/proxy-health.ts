/**
 * What kube-proxy says of itself on port 10256: `/healthz` is for load balancers, and says no when the
 * node is about to go; `/livez` is for whoever restarts kube-proxy.
 */
import type { HealthAnswer } from "./service-health.js";

/** Taint with which the cluster autoscaler marks a node that it will delete. */
export const TO_BE_DELETED_TAINT = "ToBeDeletedByClusterAutoscaler";

/** As much of a Node as decides whether it should get new traffic. */
export interface EligibleNode {
  readonly metadata: { readonly deletionTimestamp?: string | undefined };
  readonly spec?: { readonly taints?: readonly { readonly key: string }[] | undefined } | undefined;
}

/** What kube-proxy knows of itself. */
export interface ProxyHealth {
  /** Families it serves, and when each last wrote its rules (RFC 3339). */
  readonly updated: readonly {
    readonly family: "IPv4" | "IPv6";
    readonly lastUpdated: string;
  }[];
  /** RFC 3339. */
  readonly now: string;
  readonly nodeEligible: boolean;
}

/**
 * Whether a node should get new traffic: it is there, stays, and is not about to be deleted.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/healthcheck/proxy_health.go `NodeEligible`.
 */
export function isNodeEligible(node: EligibleNode | undefined): boolean {
  if (node === undefined || node.metadata.deletionTimestamp !== undefined) return false;
  return !(node.spec?.taints ?? []).some(({ key }) => key === TO_BE_DELETED_TAINT);
}

/**
 * What is answered on port 10256, by a kube-proxy whose syncs succeed in time.
 *
 * Shape: while healthy, `lastUpdated` is the moment of the question.
 * Follows: Kubernetes v1.35.4 pkg/proxy/healthcheck/proxy_health.go `healthzHandler`, `livezHandler`;
 * Go 1.25 net/http `NotFound` for other paths.
 */
export function answerProxyHealth(path: string, health: ProxyHealth): HealthAnswer {
  const [name = ""] = path.split("?");
  if (name !== "/healthz" && name !== "/livez") return NOT_FOUND;
  const { now, nodeEligible, updated } = health;
  const isUp = name === "/livez" || nodeEligible;
  const lastUpdates = updated.map((u) => u.lastUpdated).sort(byText);
  const lastUpdated = isUp ? now : (lastUpdates.at(-1) ?? NEVER);
  const status = updated.map((u) => [u.family, { lastUpdated: u.lastUpdated, healthy: true }]);
  const body = JSON.stringify({
    lastUpdated,
    currentTime: now,
    ...(name === "/healthz" ? { nodeEligible } : {}),
    healthy: true,
    status: Object.fromEntries(status),
  });
  return {
    status: isUp ? 200 : 503,
    headers: [
      ["Content-Type", "application/json"],
      ["X-Content-Type-Options", "nosniff"],
    ],
    body,
  };
}

/** Go's zero time. */
const NEVER = "0001-01-01T00:00:00Z";

const NOT_FOUND: HealthAnswer = {
  status: 404,
  headers: [
    ["Content-Type", "text/plain; charset=utf-8"],
    ["X-Content-Type-Options", "nosniff"],
  ],
  body: "404 page not found\n",
};

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
