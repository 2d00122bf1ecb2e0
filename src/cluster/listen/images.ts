/** What well-known images listen on when a manifest does not say. */
import type { ImagePort } from "../settings.js";

const HTTP = "http";

/** Ports by image name, without registry, organisation and tag. */
const KNOWN_IMAGES: Readonly<Record<string, readonly ImagePort[]>> = {
  nginx: [{ port: 80, service: HTTP }],
  httpd: [{ port: 80, service: HTTP }],
  caddy: [{ port: 80, service: HTTP }],
  traefik: [{ port: 80, service: HTTP }],
  whoami: [{ port: 80, service: HTTP }],
  "hello-app": [{ port: 8080, service: HTTP }],
  echoserver: [{ port: 8080, service: HTTP }],
  "http-echo": [{ port: 5678, service: HTTP }],
  agnhost: [{ port: 9376, service: HTTP }],
  httpbin: [{ port: 80, service: HTTP }],
  redis: [{ port: 6379 }],
  memcached: [{ port: 11211 }],
  postgres: [{ port: 5432 }],
  mysql: [{ port: 3306 }],
  mariadb: [{ port: 3306 }],
  mongo: [{ port: 27017 }],
  rabbitmq: [{ port: 5672 }],
  nats: [{ port: 4222 }],
  etcd: [{ port: 2379 }],
  elasticsearch: [{ port: 9200, service: HTTP }],
  grafana: [{ port: 3000, service: HTTP }],
  prometheus: [{ port: 9090, service: HTTP }],
  coredns: [
    { port: 53, protocol: "udp", service: "dns" },
    { port: 53, protocol: "tcp", service: "dns" },
  ],
};

/**
 * The ports an image is known to listen on: by its full name among those a user told, then by the
 * last part of its name.
 *
 * @example
 * knownPorts("docker.io/library/nginx:1.27") // [{ port: 80, service: "http" }]
 */
export function knownPorts(
  image: string,
  told: Readonly<Record<string, readonly ImagePort[]>> = {},
): readonly ImagePort[] {
  const untagged = image.replace(/@.*$/, "").replace(/:[^/:]*$/, "");
  const short = untagged.slice(untagged.lastIndexOf("/") + 1);
  for (const name of [image, untagged, short]) {
    const ports = Object.hasOwn(told, name) ? told[name] : undefined;
    if (ports !== undefined) return ports;
  }
  return Object.hasOwn(KNOWN_IMAGES, short) ? (KNOWN_IMAGES[short] ?? []) : [];
}

/** What answers on a port of an image, if it is known. */
export function knownService(image: string, port: number): string | undefined {
  return knownPorts(image).find((p) => p.port === port)?.service;
}
