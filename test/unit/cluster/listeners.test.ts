/** What pods are believed to listen on, and why. */
import { expect, test } from "vitest";
import { knownPorts, LISTEN_ANNOTATION, listenersOf } from "../../../src/cluster/index.js";
import type { Pod } from "../../../src/objects/index.js";

const SETTINGS = { images: { "shop/api": [{ port: 9000 }] } };

function podWith(container: object, annotations = {}): Pod {
  const metadata = { name: "web-0", namespace: "default", annotations };
  return { metadata, spec: { containers: [{ name: "c", ...container }] } } as unknown as Pod;
}

function rows(pod: Pod) {
  return listenersOf(pod, SETTINGS).map((l) => [l.protocol, l.port, l.service, l.origin?.part]);
}

test("container ports, then probes, then the image", () => {
  const pod = podWith({
    image: "docker.io/library/nginx:1.27",
    ports: [{ containerPort: 8443, name: "api", protocol: "TCP" }],
    readinessProbe: { httpGet: { port: 8080 } },
  });
  expect(rows(pod)).toEqual([
    ["tcp", 8443, "echo", "container c, ports"],
    ["tcp", 8080, "http", "container c, probe"],
    ["tcp", 80, "http", "image docker.io/library/nginx:1.27"],
  ]);
});

test("probes by name find the port", () => {
  const ports = [{ containerPort: 50051, name: "grpc", protocol: "TCP" }];
  const pod = podWith({ image: "x", ports, livenessProbe: { tcpSocket: { port: "grpc" } } });
  expect(rows(pod)).toEqual([["tcp", 50051, "echo", "container c, ports"]]);
});

test("what is told is the whole truth", () => {
  const pod = podWith({ image: "nginx" }, { [LISTEN_ANNOTATION]: "53/udp=dns, 81" });
  expect(rows(pod)).toEqual([
    ["udp", 53, "dns", LISTEN_ANNOTATION],
    ["tcp", 81, "echo", LISTEN_ANNOTATION],
  ]);
});

test("images are known by the last part of their name, or as a user told", () => {
  expect(knownPorts("registry.k8s.io/coredns/coredns:v1.13.1").map((p) => p.port)).toEqual([
    53, 53,
  ]);
  expect(knownPorts("quay.io/shop/redis@sha256:00").map((p) => p.port)).toEqual([6379]);
  expect(knownPorts("shop/api:3", SETTINGS.images)).toEqual([{ port: 9000 }]);
  expect(knownPorts("toString")).toEqual([]);
});
