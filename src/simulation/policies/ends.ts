/** Who is meant at the two ends of a question about policies, and the flows between them. */
import { type Addr, tryParseAddr } from "../../addr/index.js";
import { InputError } from "../../base/index.js";
import { type Cluster, EXTERNAL } from "../../cluster/index.js";
import type { EndpointSlice, Pod } from "../../objects/index.js";
import { type Flow, policyProtocol } from "../../policy/index.js";

/** What is asked about policies. */
export interface PolicyQuestion {
  /** A pod or workload (`namespace/name`), a node, or an address. */
  readonly from: string;
  /** The same, or a Service: each of its endpoints is then asked about. */
  readonly to: string;
  /** A number, or the name of a port of the pod or Service; 0 where the protocol has none. */
  readonly port: string;
  readonly protocol: "tcp" | "udp" | "sctp" | "icmp";
  /** Namespace of names that tell none. */
  readonly namespace: string;
}

/** One end: a name, its addresses, and the network namespace it sends from. */
export interface NamedEnd {
  readonly name: string;
  readonly addrs: readonly Addr[];
  readonly netns: string | undefined;
  /** What it calls its ports. */
  readonly ports: ReadonlyMap<string, number>;
}

/** One flow, with the names of its ends. */
export interface NamedFlow {
  readonly from: NamedEnd;
  readonly to: NamedEnd;
  readonly flow: Flow;
}

/**
 * The flows that a question is about: one for each pair of addresses of one family.
 *
 * Errors: `InputError` for names that are not there, and ports that nobody has.
 */
export function flowsOf(cluster: Cluster, question: PolicyQuestion): readonly NamedFlow[] {
  const { from, to, namespace, protocol } = question;
  const sources = findEnds(cluster, from, { namespace, path: "--from" }).slice(0, 1);
  const targets = findTargets(cluster, question);
  const number = policyProtocol(protocol.toUpperCase());
  const flows = sources.flatMap((source) =>
    targets.flatMap(({ end, port }) =>
      source.addrs.flatMap((src) =>
        end.addrs
          .filter((dst) => dst.family === src.family)
          .map((dst) => ({ from: source, to: end, flow: { src, dst, protocol: number, port } })),
      ),
    ),
  );
  if (flows.length > 0) return flows;
  const message = "has no address of a family in common with the other end, or no endpoint";
  throw new InputError({ code: "no-flow", path: "--to", value: to, message });
}

interface Target {
  readonly end: NamedEnd;
  readonly port: number;
}

function findTargets(cluster: Cluster, question: PolicyQuestion): readonly Target[] {
  const { to, namespace, protocol } = question;
  const ends = tryFindEnds(cluster, to, namespace);
  if (ends !== undefined) {
    refuseNodePort(cluster, ends, question);
    return ends.map((end) => ({ end, port: protocol === "icmp" ? 0 : portOf(end, question) }));
  }
  const service = serviceTargets(cluster, question);
  if (service !== undefined) return service;
  const message = "there is no such pod, workload, Service or node";
  throw notFound("--to", to, message);
}

/** Behind a node port policies see pods, and often a node in the client's place. */
function refuseNodePort(
  cluster: Cluster,
  ends: readonly NamedEnd[],
  { to, port, protocol }: PolicyQuestion,
): void {
  const isNode = (addr: Addr) =>
    cluster.nodes.some((node) => node.status?.addresses?.some((a) => a.address === String(addr)));
  if (!ends.some(({ addrs }) => addrs.some(isNode))) return;
  for (const { metadata, spec } of cluster.list("Service")) {
    const found = spec.ports?.find(
      (p) => String(p.nodePort) === port && (p.protocol ?? "TCP") === protocol.toUpperCase(),
    );
    if (found === undefined) continue;
    const name = `${metadata.namespace ?? "default"}/${metadata.name}`;
    const message = `of ${to} is a node port of Service ${name}: policies see the pods behind it`;
    const expected = `--to ${name} --port ${found.port}, or kubewire trace for a packet's whole way`;
    throw new InputError({ code: "node-port", path: "--port", value: port, message, expected });
  }
}

function portOf(end: NamedEnd, { port, to }: PolicyQuestion): number {
  const number = end.ports.get(port) ?? Number(port);
  if (Number.isInteger(number) && number >= 0 && number <= 65535) return number;
  const expected = `a number from 0 to 65535, or one of: ${[...end.ports.keys()].join(", ")}`;
  const message = `is no port of ${to}`;
  throw new InputError({ code: "bad-port", path: "--port", value: port, message, expected });
}

/** The endpoints behind a Service's port, as its slices name them. */
function serviceTargets(cluster: Cluster, question: PolicyQuestion): Target[] | undefined {
  const [namespace, name] = splitName(question.to, question.namespace);
  const service = cluster.get("Service", namespace, name);
  if (service === undefined) return undefined;
  const { port, protocol } = question;
  const asked = (service.spec.ports ?? []).find(
    (p) =>
      (String(p.port) === port || p.name === port) &&
      (p.protocol ?? "TCP") === protocol.toUpperCase(),
  );
  if (asked === undefined) {
    const known = (service.spec.ports ?? []).map((p) => `${p.port}/${p.protocol ?? "TCP"}`);
    const message = `is no ${protocol} port of Service ${namespace}/${name}`;
    const expected = known.join(", ");
    throw new InputError({ code: "bad-port", path: "--port", value: port, message, expected });
  }
  const slices = cluster
    .list("EndpointSlice", namespace)
    .filter(({ metadata }) => metadata.labels?.["kubernetes.io/service-name"] === name);
  return slices.flatMap((slice) => sliceTargets(cluster, slice, asked.name ?? ""));
}

function sliceTargets(cluster: Cluster, slice: EndpointSlice, portName: string): Target[] {
  const port = slice.ports?.find((p) => (p.name ?? "") === portName)?.port;
  if (port === undefined) return [];
  return (slice.endpoints ?? []).flatMap(({ addresses, targetRef }) =>
    (addresses ?? []).flatMap((text): Target[] => {
      const addr = tryParseAddr(text);
      if (addr === undefined) return [];
      const { namespace = "default", name = text } = targetRef ?? {};
      const pod = targetRef?.kind === "Pod" ? cluster.get("Pod", namespace, name) : undefined;
      const end = pod === undefined ? addressEnd(cluster, addr) : podEnd(pod);
      return [{ end: { ...end, addrs: [addr] }, port }];
    }),
  );
}

function findEnds(
  cluster: Cluster,
  name: string,
  { namespace, path }: { readonly namespace: string; readonly path: string },
): readonly NamedEnd[] {
  const found = tryFindEnds(cluster, name, namespace);
  if (found !== undefined) return found;
  throw notFound(path, name, "there is no such pod, workload or node");
}

/** The pods of a name or of what owns them, a node, or an address. */
function tryFindEnds(
  cluster: Cluster,
  text: string,
  home: string,
): readonly NamedEnd[] | undefined {
  const addr = tryParseAddr(text);
  if (addr !== undefined) return [addressEnd(cluster, addr)];
  const [namespace, workload] = splitName(text, home);
  const pods = cluster.list("Pod", namespace).filter(({ metadata }) => {
    const parent = metadata.ownerReferences?.[0];
    const set = cluster.get("ReplicaSet", namespace, parent?.name ?? "");
    const owner = set?.metadata.ownerReferences?.[0];
    return [metadata.name, parent?.name, owner?.name].includes(workload);
  });
  if (pods.length > 0) return pods.map(podEnd);
  const node = cluster.get("Node", "", text);
  if (node === undefined) return undefined;
  const addrs = (node.status?.addresses ?? []).flatMap((a) => tryParseAddr(a.address) ?? []);
  return [{ name: text, addrs, netns: text, ports: new Map() }];
}

function podEnd(pod: Pod): NamedEnd {
  const { namespace = "default", name } = pod.metadata;
  const addrs = (pod.status?.podIPs ?? []).flatMap(({ ip }) => tryParseAddr(ip) ?? []);
  const ports = (pod.spec?.containers ?? []).flatMap(({ ports: own }) =>
    (own ?? []).flatMap((p) => (p.name ? [[p.name, p.containerPort] as const] : [])),
  );
  const isOnHost = pod.spec?.hostNetwork === true;
  const netns = isOnHost ? pod.spec?.nodeName : `${namespace}/${name}`;
  return { name: `${namespace}/${name}`, addrs, netns, ports: new Map(ports) };
}

/** An address of nobody that is known is somebody's outside. */
function addressEnd(cluster: Cluster, addr: Addr): NamedEnd {
  const pod = cluster
    .list("Pod")
    .find(({ status }) => (status?.podIPs ?? []).some(({ ip }) => ip === String(addr)));
  if (pod !== undefined) return { ...podEnd(pod), addrs: [addr] };
  const node = cluster.nodes.find(({ status }) =>
    (status?.addresses ?? []).some(({ address }) => address === String(addr)),
  );
  const netns = node?.metadata.name ?? EXTERNAL;
  return { name: String(addr), addrs: [addr], netns, ports: new Map() };
}

function splitName(text: string, home: string): readonly [string, string] {
  const at = text.indexOf("/");
  return at < 0 ? [home, text] : [text.slice(0, at), text.slice(at + 1)];
}

function notFound(path: string, value: string, message: string): InputError {
  const expected = "namespace/name of a pod, of what owns it, a node, or an address";
  return new InputError({ code: "NotFound", path, value, message, expected });
}
