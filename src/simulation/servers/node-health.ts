/** kube-proxy of one node, as load balancers and probes ask it over HTTP. */
import { HEALTH_CHECK, PROXY_HEALTH } from "../../cluster/index.js";
import type { Listener } from "../../netns/index.js";
import { civilOf, type Node, printTime } from "../../objects/index.js";
import {
  answerHealthCheck,
  answerProxyHealth,
  countLocalReady,
  type HealthAnswer,
  isNodeEligible,
  type ProxyModel,
} from "../../proxy/index.js";
import { printResponse } from "../process/http.js";

/** What a kube-proxy knows when it is asked. */
export interface NodeHealthView {
  /** Undefined: the Node object is gone. */
  readonly node: Node | undefined;
  readonly nodeName: string;
  /** Of the families it serves: ip4, then ip6. */
  readonly models: readonly ProxyModel[];
  /** Microseconds since 1970. */
  readonly nowUs: number;
  /** When it last wrote its rules. */
  readonly syncedUs: number;
}

/** Whether a listener is one of kube-proxy's. */
export function isNodeHealth({ service }: Listener): boolean {
  return service === HEALTH_CHECK || service === PROXY_HEALTH;
}

/**
 * The response of kube-proxy's listener to a request.
 *
 * Follows: Kubernetes v1.35.4 pkg/proxy/healthcheck; Go 1.25 net/http `response.finishRequest`: header
 * fields of the handler sorted, then Date and Content-Length.
 */
export function answerNodeHealth(
  listener: Listener,
  request: { readonly method: string; readonly path: string },
  view: NodeHealthView,
): string {
  const answer =
    listener.service === HEALTH_CHECK ? checkOf(listener, view) : selfOf(request, view);
  const headers = answer.headers.map(([name, value]) => `${name}: ${value}`);
  headers.push(`Date: ${printHttpDate(view.nowUs)}`);
  const status = `${answer.status} ${REASONS[answer.status]}`;
  return printResponse(status, headers, answer.body, request.method !== "HEAD");
}

const REASONS: Readonly<Record<HealthAnswer["status"], string>> = {
  200: "OK",
  404: "Not Found",
  503: "Service Unavailable",
};

/** A socket of one address belongs to the proxy of its family, one of all to the first that serves. */
function checkOf({ addr, port, origin }: Listener, view: NodeHealthView): HealthAnswer {
  const service = `${origin?.namespace}/${origin?.name}`;
  const model = view.models.find((m) => {
    if (addr !== undefined) return m.family === addr.family;
    return (m.services.get(service)?.ports.length ?? 0) > 0;
  });
  const localEndpoints = model === undefined ? 0 : countLocalReady(model, service, view.nodeName);
  return answerHealthCheck({ service, port, localEndpoints }, true);
}

function selfOf({ path }: { readonly path: string }, view: NodeHealthView): HealthAnswer {
  const lastUpdated = printTimeNano(view.syncedUs);
  return answerProxyHealth(path, {
    updated: view.models.map(({ family }) => {
      return { family: family === "ip4" ? "IPv4" : "IPv6", lastUpdated };
    }),
    now: printTimeNano(view.nowUs),
    nodeEligible: isNodeEligible(view.node),
  });
}

/** A moment as Go's `RFC3339Nano` prints it: no zeros at the end of the fraction. */
function printTimeNano(us: number): string {
  const seconds = Math.floor(us / 1_000_000);
  const fraction = String(us - seconds * 1_000_000)
    .padStart(6, "0")
    .replace(/0+$/, "");
  const whole = printTime(seconds);
  return fraction === "" ? whole : `${whole.slice(0, -1)}.${fraction}Z`;
}

const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** A moment as HTTP prints it (RFC 9110 §5.6.7). */
function printHttpDate(us: number): string {
  const c = civilOf(Math.floor(us / 1_000_000));
  const two = (n: number) => String(n).padStart(2, "0");
  const clock = `${two(c.hour)}:${two(c.minute)}:${two(c.second)}`;
  return `${WEEKDAYS[c.weekday]}, ${two(c.day)} ${MONTHS[c.month - 1]} ${c.year} ${clock} GMT`;
}
