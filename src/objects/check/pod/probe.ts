/**
 * Checks of what is asked of a container or told to it: probes, and what runs at start and stop.
 *
 * Follows: kubernetes v1.35 pkg/apis/core/validation `validateProbe`, `validateHandler`,
 * `validateLifecycle`.
 */
import type { Container, Lifecycle, LifecycleHandler, Probe } from "../../kinds/pod/container.js";
import type { PodSpec } from "../../kinds/pod/pod.js";
import { faultsOfPortName, faultsOfPortNumber } from "../names.js";
import type { Place } from "../place.js";

/** The probes of a container. */
export const PROBES = ["livenessProbe", "readinessProbe", "startupProbe"] as const;

const HANDLERS = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"] as const;
const SCHEMES: readonly string[] = ["HTTP", "HTTPS"];
const HEADER_NAME = /^[-A-Za-z0-9]+$/;

/** Checks the probes and the lifecycle of a container. */
export function checkProbes(container: Container, spec: PodSpec, at: Place): void {
  if (container.lifecycle !== undefined) {
    checkLifecycle(container.lifecycle, spec, at.at("lifecycle"));
  }
  for (const name of PROBES) {
    const probe = container[name];
    if (probe === undefined) continue;
    checkProbe(probe, spec, at.at(name));
    const { successThreshold = 0, terminationGracePeriodSeconds: grace } = probe;
    if (name !== "readinessProbe") {
      if (successThreshold !== 1) {
        at.at(`${name}.successThreshold`).invalid(successThreshold, "must be 1");
      }
    } else if (grace !== undefined) {
      const place = at.at(`${name}.terminationGracePeriodSeconds`);
      place.invalid(grace, "must not be set for readinessProbes");
    }
  }
}

const COUNTS = [
  "initialDelaySeconds",
  "timeoutSeconds",
  "periodSeconds",
  "successThreshold",
  "failureThreshold",
] as const;

function checkProbe(probe: Probe, spec: PodSpec, at: Place): void {
  checkHandler(probe, spec, at);
  for (const name of COUNTS) at.at(name).notNegative(probe[name]);
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined && grace <= 0) {
    at.at("terminationGracePeriodSeconds").invalid(grace, "must be greater than 0");
  }
}

type Handler = Partial<Pick<Probe, "grpc">> & LifecycleHandler;

/** A handler acts in exactly one way; of several, only the first is looked at. */
function checkHandler(handler: Handler, spec: PodSpec, at: Place): void {
  const [first, ...others] = HANDLERS.filter((name) => handler[name] !== undefined);
  if (first === undefined) {
    at.required("must specify a handler type");
    return;
  }
  checkAction(handler, first, spec, at.at(first));
  for (const name of others) at.at(name).forbidden("may not specify more than 1 handler type");
}

function checkAction(
  handler: Handler,
  name: (typeof HANDLERS)[number],
  spec: PodSpec,
  at: Place,
): void {
  const { exec, grpc, httpGet, sleep, tcpSocket } = handler;
  if (name === "exec" && (exec?.command ?? []).length === 0) at.at("command").required();
  if (name === "httpGet" && httpGet !== undefined) {
    at.at("path").needs(httpGet.path);
    checkPort(httpGet.port, at.at("port"));
    const { scheme = "" } = httpGet;
    if (!SCHEMES.includes(scheme)) at.at("scheme").notSupported(scheme, SCHEMES);
    for (const header of httpGet.httpHeaders ?? []) checkHeader(header.name, at.at("httpHeaders"));
  }
  if (name === "tcpSocket" && tcpSocket !== undefined) checkPort(tcpSocket.port, at.at("port"));
  if (name === "grpc" && grpc !== undefined) checkPort(grpc.port, at.at("port"));
  const grace = spec.terminationGracePeriodSeconds;
  if (name !== "sleep" || sleep === undefined || grace === undefined) return;
  if (sleep.seconds >= 0 && sleep.seconds <= grace) return;
  const most = `terminationGracePeriodSeconds (${grace})`;
  at.invalid(sleep.seconds, `must be non-negative and less than ${most}`);
}

function checkPort(port: number | string, at: Place): void {
  const wrong = typeof port === "string" ? faultsOfPortName(port) : faultsOfPortNumber(port);
  for (const message of wrong) at.invalid(port, message);
}

function checkHeader(name: string, at: Place): void {
  if (HEADER_NAME.test(name)) return;
  const words = "a valid HTTP header must consist of alphanumeric characters or '-'";
  const form = "(e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')";
  at.invalid(name, `${words} ${form}`);
}

function checkLifecycle({ postStart, preStop }: Lifecycle, spec: PodSpec, at: Place) {
  if (postStart !== undefined) checkHandler(postStart, spec, at.at("postStart"));
  if (preStop !== undefined) checkHandler(preStop, spec, at.at("preStop"));
}
