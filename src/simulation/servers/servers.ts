/**
 * What answers behind listeners: `http` gives a page, `dns` the cluster's names, anything else gives
 * back what it got.
 */
import type { Listener, Service, TcpHandlers, UdpHandlers } from "../../netns/index.js";
import type { ClusterDns } from "../dns/cluster-dns.js";
import { decodeMessage, encodeForUdp } from "../dns/message.js";
import type { DnsAnswer } from "../dns/record.js";
import { parseRequest, printResponse, toBytes, toText } from "../process/http.js";
import { answerNodeHealth, isNodeHealth, type NodeHealthView } from "./node-health.js";

/** What servers know of where they run. */
export interface ServerPlace {
  /** Name of the namespace: a node, or `namespace/pod`. */
  readonly netns: string;
  /** The page an HTTP server gives at `/`; undefined for any other path. */
  readonly page: (path: string) => string | undefined;
  /** The cluster's names as they are now. */
  readonly dns: () => ClusterDns;
  /** What kube-proxy on the node knows now. */
  readonly health: () => NodeHealthView;
}

/** Makes what answers behind a listener. */
export function serveListener(listener: Listener, place: ServerPlace): Service {
  if (isNodeHealth(listener)) {
    const respond = (request: Request) => answerNodeHealth(listener, request, place.health());
    return { tcp: () => serveHttp(respond) };
  }
  switch (listener.service) {
    case "http":
      return { tcp: () => serveHttp((request) => respondPage(place, request)) };
    case "dns":
      return { udp: serveDns(place), tcp: () => serveEcho(place) };
    default:
      return { tcp: () => serveEcho(place), udp: echoDatagrams };
  }
}

interface Request {
  readonly method: string;
  readonly path: string;
}

/** One HTTP connection: requests one after another until the client closes. */
function serveHttp(respond: (request: Request) => string): TcpHandlers {
  let text = "";
  return {
    onData: (bytes, connection) => {
      text += toText(bytes);
      for (;;) {
        const request = parseRequest(text);
        if (request === undefined) return;
        text = text.slice(request.lengthBytes);
        connection.send(toBytes(respond(request)));
      }
    },
    onEnd: (connection) => connection.close(),
  };
}

function respondPage(place: ServerPlace, { method, path }: Request): string {
  const page = place.page(path);
  const headers = ["Server: nginx/1.27.0", "Content-Type: text/html"];
  const status = page === undefined ? "404 Not Found" : "200 OK";
  return printResponse(status, headers, page ?? notFoundPage, method !== "HEAD");
}

/** What nginx says to people who have just installed it, shortened. */
export const welcomePage = `<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
</head>
<body>
<h1>Welcome to nginx!</h1>
</body>
</html>
`;

const notFoundPage = `<html>
<head><title>404 Not Found</title></head>
<body>
<center><h1>404 Not Found</h1></center>
<hr><center>nginx/1.27.0</center>
</body>
</html>
`;

/** A server that nobody described answers in kind: HTTP with a page, anything else with itself. */
function serveEcho(place: ServerPlace): TcpHandlers {
  let http: TcpHandlers | undefined;
  return {
    onData: (bytes, connection) => {
      if (http === undefined && isHttpRequest(toText(bytes))) {
        http = serveHttp((request) => respondPage(place, request));
      }
      if (http?.onData !== undefined) http.onData(bytes, connection);
      else connection.send(bytes);
    },
    onEnd: (connection) => connection.close(),
  };
}

function isHttpRequest(text: string): boolean {
  return /^(GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH) \S+ HTTP\/1\.[01]\r?\n/.test(text);
}

const echoDatagrams: UdpHandlers = {
  onDatagram: ({ from, to, payload }, socket) => {
    socket.send({ to: from, from: to.addr, payload });
  },
};

/**
 * CoreDNS: what the kubernetes plugin leaves to the next one goes to the outside, of which nothing is
 * known, so that such a name does not exist.
 */
function serveDns(place: ServerPlace): UdpHandlers {
  return {
    onDatagram: ({ from, to, payload }, socket) => {
      const message = payload.kind === "bytes" ? decodeMessage(payload.bytes) : undefined;
      if (message === undefined || message.answer !== undefined) return;
      const answer = place.dns().answer(message.question) ?? outsideAnswer;
      const bytes = encodeForUdp({ ...message, answer });
      socket.send({ to: from, from: to.addr, payload: { kind: "bytes", bytes } });
    },
  };
}

const outsideAnswer: DnsAnswer = {
  rcode: "NXDOMAIN",
  authoritative: false,
  answer: [],
  authority: [],
  additional: [],
};
