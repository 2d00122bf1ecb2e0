/**
 * The process that stands in each namespace of a lab: it listens and it tries connections, as asked
 * by lines of JSON on its standard input. It is a function that needs nothing but Node's own modules,
 * so that its text can be handed to `node -e` inside the namespace.
 */

/** What an agent is asked. */
export type AgentRequest =
  | { readonly kind: "listen"; readonly id: number; readonly listeners: readonly AgentListener[] }
  | ({ readonly kind: "probe"; readonly id: number } & AgentProbe);

/** One port to listen on, at every address of the namespace. */
export interface AgentListener {
  readonly protocol: "tcp" | "udp";
  readonly port: number;
}

/** One conversation to try. */
export interface AgentProbe {
  readonly proto: "tcp" | "udp";
  readonly dst: string;
  readonly dport: number;
  readonly sport: number;
  readonly src?: string;
  readonly ttl?: number;
  readonly size?: number;
  readonly timeoutMs: number;
}

/** What an agent says: that it did what was asked, or that a listener heard somebody. */
export type AgentLine =
  | { readonly kind: "done"; readonly id: number; readonly error?: string }
  | {
      readonly kind: "probed";
      readonly id: number;
      readonly result: string;
      readonly src: string;
      readonly sport: number;
      readonly answeredBy?: string;
    }
  | {
      readonly kind: "saw";
      readonly proto: "tcp" | "udp";
      readonly local: string;
      readonly lport: number;
      readonly peer: string;
      readonly pport: number;
    };

/** The modules an agent uses. */
export interface AgentModules {
  readonly net: typeof import("node:net");
  readonly dgram: typeof import("node:dgram");
  readonly os: typeof import("node:os");
  readonly readline: typeof import("node:readline");
}

/** Runs an agent. Stands alone: it refers to nothing outside of itself. */
export function agentMain(name: string, { net, dgram, os, readline }: AgentModules): void {
  const say = (line: AgentLine) => process.stdout.write(`${JSON.stringify(line)}\n`);
  const plain = (addr: string | undefined) => (addr ?? "").replace(/^::ffff:/, "");

  const listenTcp = (port: number) =>
    new Promise<void>((resolve, reject) => {
      const server = net.createServer((socket) => {
        const lport = socket.localPort ?? 0;
        const pport = socket.remotePort ?? 0;
        const [local, peer] = [plain(socket.localAddress), plain(socket.remoteAddress)];
        say({ kind: "saw", proto: "tcp", local, lport, peer, pport });
        socket.on("error", () => {});
        socket.end(name);
      });
      server.once("error", reject);
      server.listen({ port, host: "::" }, () => resolve());
    });

  // A socket for each address, so that an answer comes from the address that was asked.
  const listenUdp = (port: number) => {
    const all = Object.values(os.networkInterfaces()).flatMap((list) => list ?? []);
    const own = all.filter((a) => !a.address.startsWith("fe80"));
    return Promise.all(own.map((a) => listenUdpAt(a.address, port)));
  };
  const listenUdpAt = (address: string, port: number) =>
    new Promise<void>((resolve, reject) => {
      const socket = dgram.createSocket(address.includes(":") ? "udp6" : "udp4");
      socket.on("message", (_message, from) => {
        const seen = { local: address, lport: port, peer: from.address, pport: from.port };
        say({ kind: "saw", proto: "udp", ...seen });
        socket.send(name, from.port, from.address);
      });
      socket.once("error", reject);
      socket.bind(port, address, () => resolve());
    });

  const probeTcp = (probe: AgentProbe) =>
    new Promise<{ result: string; src: string; answeredBy?: string }>((resolve) => {
      const socket = net.connect({
        host: probe.dst,
        port: probe.dport,
        localPort: probe.sport,
        ...(probe.src !== undefined && { localAddress: probe.src }),
        autoSelectFamily: false,
      });
      let text = "";
      const end = (result: string) => {
        const src = plain(socket.localAddress);
        clearTimeout(timer);
        socket.destroy();
        resolve({ result, src, ...(text !== "" && { answeredBy: text }) });
      };
      const timer = setTimeout(() => end("timeout"), probe.timeoutMs);
      socket.on("data", (data) => {
        text += String(data);
      });
      socket.on("end", () => end("ok"));
      socket.on("error", (error: NodeJS.ErrnoException) =>
        end(error.code === "ETIMEDOUT" ? "timeout" : (error.code ?? error.message)),
      );
    });

  const probeUdp = (probe: AgentProbe) =>
    new Promise<{ result: string; src: string; answeredBy?: string }>((resolve) => {
      const socket = dgram.createSocket(probe.dst.includes(":") ? "udp6" : "udp4");
      let src = "";
      const end = (result: string, answeredBy?: string) => {
        clearTimeout(timer);
        socket.close();
        resolve({ result, src, ...(answeredBy !== undefined && { answeredBy }) });
      };
      const fail = (error: NodeJS.ErrnoException) => end(error.code ?? error.message);
      const timer = setTimeout(() => end("timeout"), probe.timeoutMs);
      socket.once("error", fail);
      socket.once("message", (message) => end("ok", String(message)));
      socket.bind(probe.sport, probe.src, () => {
        if (probe.ttl !== undefined) socket.setTTL(probe.ttl);
        socket.connect(probe.dport, probe.dst, ((error?: NodeJS.ErrnoException) => {
          if (error) return fail(error);
          src = socket.address().address;
          return socket.send("x".repeat(probe.size ?? 8), (e) => e && fail(e));
        }) as () => void);
      });
    });

  const answer = async (request: AgentRequest) => {
    const { id } = request;
    if (request.kind === "probe") {
      const got = await (request.proto === "tcp" ? probeTcp(request) : probeUdp(request));
      say({ kind: "probed", id, sport: request.sport, ...got });
      return;
    }
    try {
      for (const { protocol, port } of request.listeners) {
        await (protocol === "tcp" ? listenTcp(port) : listenUdp(port));
      }
      say({ kind: "done", id });
    } catch (error) {
      say({ kind: "done", id, error: String(error) });
    }
  };

  const lines = readline.createInterface({ input: process.stdin });
  lines.on("line", (line) => void answer(JSON.parse(line) as AgentRequest));
  lines.on("close", () => process.exit(0));
}
