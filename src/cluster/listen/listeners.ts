/**
 * What a pod listens on. A manifest seldom says it for certain, so each listener carries where the
 * belief comes from: told by annotation, a container port, a probe, or the table of images.
 */

import type { Listener } from "../../netns/index.js";
import type { Container, Pod } from "../../objects/index.js";
import type { ClusterSettings, ImagePort } from "../settings.js";
import { knownPorts, knownService } from "./images.js";

/** Annotation that tells a pod's listeners: `80`, `53/udp`, `8080=http`, separated by commas. */
export const LISTEN_ANNOTATION = "kubewire.dev/listen";

/**
 * The sockets of a pod, without doubles, the surest source first.
 *
 * Shape: an annotation is the whole truth; otherwise container ports, probes and known images add up.
 * A container that has none of these listens on nothing.
 */
export function listenersOf(pod: Pod, settings: Pick<ClusterSettings, "images">): Listener[] {
  const told = pod.metadata.annotations?.[LISTEN_ANNOTATION];
  const found = new Map<string, Listener>();
  const add = (listener: Listener) => {
    const key = `${listener.protocol}/${listener.port}`;
    if (!found.has(key)) found.set(key, listener);
  };
  const origin = (part: string) => ({
    kind: "Pod",
    namespace: pod.metadata.namespace ?? "default",
    name: pod.metadata.name,
    part,
  });
  if (told !== undefined) {
    for (const port of readAnnotation(told)) {
      add({ ...listenerOf(port), origin: origin(LISTEN_ANNOTATION) });
    }
    return [...found.values()];
  }
  const sidecars = (pod.spec?.initContainers ?? []).filter((c) => c.restartPolicy === "Always");
  const containers = [...(pod.spec?.containers ?? []), ...sidecars];
  for (const container of containers) {
    for (const listener of portListeners(container)) {
      add({ ...listener, origin: origin(`container ${container.name}, ports`) });
    }
  }
  for (const container of containers) {
    for (const listener of probeListeners(container)) {
      add({ ...listener, origin: origin(`container ${container.name}, probe`) });
    }
    for (const port of knownPorts(container.image ?? "", settings.images)) {
      add({ ...listenerOf(port), origin: origin(`image ${container.image}`) });
    }
  }
  return [...found.values()];
}

function listenerOf({ port, protocol = "tcp", service = "echo" }: ImagePort): Listener {
  return { protocol, port, service };
}

function portListeners(container: Container): Listener[] {
  return (container.ports ?? []).map((p) => {
    const protocol = (p.protocol ?? "TCP").toLowerCase() as Listener["protocol"];
    return { protocol, port: p.containerPort, service: guessService(container, p) };
  });
}

type ContainerPort = NonNullable<Container["ports"]>[number];

/** Names of ports by convention say what is spoken there. */
function guessService(container: Container, port: ContainerPort): string {
  const known = knownService(container.image ?? "", port.containerPort);
  if (known !== undefined) return known;
  const name = port.name ?? "";
  if (name === "dns" || name === "dns-tcp") return "dns";
  const isHttp = /^(http|web|metrics)(-|$)/.test(name) || HTTP_PORTS.has(port.containerPort);
  return isHttp && (port.protocol ?? "TCP") === "TCP" ? "http" : "echo";
}

/** Ports that speak HTTP unless somebody says otherwise (IANA, and habit). */
const HTTP_PORTS: ReadonlySet<number> = new Set([80, 8000, 8080, 8081, 8888]);

function probeListeners(container: Container): Listener[] {
  const probes = [container.readinessProbe, container.livenessProbe, container.startupProbe];
  return probes.flatMap((probe): Listener[] => {
    const http = probe?.httpGet;
    const target = http?.port ?? probe?.tcpSocket?.port ?? probe?.grpc?.port;
    const port = typeof target === "string" ? namedPort(container, target) : target;
    if (port === undefined || port <= 0) return [];
    return [{ protocol: "tcp", port, service: http === undefined ? "echo" : "http" }];
  });
}

function namedPort(container: Container, name: string): number | undefined {
  return (container.ports ?? []).find((p) => p.name === name)?.containerPort;
}

function readAnnotation(text: string): ImagePort[] {
  return text.split(",").flatMap((part): ImagePort[] => {
    const [where = "", service] = part.trim().split("=");
    const [number = "", protocol = "tcp"] = where.split("/");
    const port = Number(number);
    const isKnown = protocol === "tcp" || protocol === "udp" || protocol === "sctp";
    if (!isKnown || !Number.isInteger(port) || port < 1 || port > 65535) return [];
    return [{ port, protocol, ...(service === undefined ? {} : { service }) }];
  });
}
