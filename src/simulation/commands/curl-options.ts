/** The options of curl that matter to the network, and the URL. */
import type { Family } from "../../addr/index.js";

/** What a curl command asks for. */
export interface CurlOptions {
  readonly url: Url;
  readonly method: string;
  /** `-s`: no messages, unless `-S`. */
  readonly silent: boolean;
  /** `-v`. */
  readonly verbose: boolean;
  /** `-I` or `-i`: the response's headers are printed. */
  readonly showHeaders: boolean;
  /** `-o FILE`: the body is not printed. */
  readonly discardBody: boolean;
  /** `-w`: printed at the end; `%{http_code}` and a few others are filled in. */
  readonly writeOut: string;
  readonly maxTimeUs: number;
  readonly connectTimeoutUs: number;
  /** `-4`, `-6`. */
  readonly family: Family | undefined;
  readonly headers: readonly string[];
  readonly data: string | undefined;
  /** `-f`: an error status is an exit code. */
  readonly failOnError: boolean;
}

/** A URL taken apart. */
export interface Url {
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

/** curl's own limit on connecting (`DEFAULT_CONNECT_TIMEOUT`). */
const defaultConnectTimeoutUs = 300_000_000;

const defaultPorts: Readonly<Record<string, number>> = { http: 80, https: 443 };

/** Takes a URL apart as curl does: without a scheme it is HTTP. */
export function parseUrl(text: string): Url | undefined {
  const match = /^(?:([a-z]+):\/\/)?(?:[^@/]*@)?(\[[^\]]+\]|[^:/?#]+)(?::(\d+))?([/?#].*)?$/i.exec(
    text,
  );
  if (match === null) return undefined;
  const [, scheme = "http", host = "", port, rest = "/"] = match;
  const number = port === undefined ? defaultPorts[scheme.toLowerCase()] : Number(port);
  if (number === undefined || number > 65535) return undefined;
  const path = rest.startsWith("/") ? rest : `/${rest}`;
  const bare = host.replace(/^\[|\]$/g, "");
  return {
    scheme: scheme.toLowerCase(),
    host: bare,
    port: number,
    path: path.split("#")[0] ?? "/",
  };
}

const withValue = new Set("o w m X H d A u x e".split(" ").map((letter) => `-${letter}`));
const longWithValue = new Map([
  ["--output", "-o"],
  ["--write-out", "-w"],
  ["--max-time", "-m"],
  ["--request", "-X"],
  ["--header", "-H"],
  ["--data", "-d"],
  ["--user-agent", "-A"],
  ["--connect-timeout", "--connect-timeout"],
  ["--retry", "--retry"],
]);

/** Reads the words after `curl`. Returns the sentence curl would complain with when they are wrong. */
export function parseCurl(words: readonly string[]): CurlOptions | string {
  const values = new Map<string, string[]>();
  const flags = new Set<string>();
  let target: string | undefined;
  const queue = [...words];
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (!word.startsWith("-") || word === "-") {
      target = word;
      continue;
    }
    const [name, inline] = splitOption(word);
    const long = longWithValue.get(name);
    if (withValue.has(name) || long !== undefined) {
      const value = inline ?? queue.shift();
      if (value === undefined) return `option ${name}: requires parameter`;
      const key = long ?? name;
      values.set(key, [...(values.get(key) ?? []), value]);
    } else if (name.startsWith("--")) {
      flags.add(name);
    } else {
      for (const letter of spreadFlags(word, queue)) flags.add(letter);
    }
  }
  if (target === undefined) return "no URL specified";
  const url = parseUrl(target);
  return url === undefined ? "URL using bad/illegal format" : build(url, flags, values);
}

/** `-m5` and `--max-time=5` carry their value. */
function splitOption(word: string): [string, string | undefined] {
  if (word.startsWith("--")) {
    const at = word.indexOf("=");
    return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
  }
  const name = word.slice(0, 2);
  return withValue.has(name) && word.length > 2 ? [name, word.slice(2)] : [word, undefined];
}

/** `-sSm 5` is several letters, the last of which may take the next word. */
function spreadFlags(word: string, queue: string[]): string[] {
  const letters = [...word.slice(1)].map((letter) => `-${letter}`);
  const last = letters.at(-1);
  if (last !== undefined && withValue.has(last)) queue.unshift(last);
  return letters.filter((letter) => !withValue.has(letter));
}

function build(
  url: Url,
  flags: ReadonlySet<string>,
  values: ReadonlyMap<string, readonly string[]>,
): CurlOptions {
  const has = (...names: string[]) => names.some((name) => flags.has(name));
  const last = (name: string) => values.get(name)?.at(-1);
  const seconds = (name: string, fallbackUs: number) => {
    const value = Number(last(name));
    return Number.isFinite(value) && value > 0 ? Math.round(value * 1_000_000) : fallbackUs;
  };
  const data = last("-d");
  const head = has("-I", "--head");
  return {
    url,
    method: last("-X") ?? (head ? "HEAD" : data === undefined ? "GET" : "POST"),
    silent: has("-s", "--silent") && !has("-S", "--show-error"),
    verbose: has("-v", "--verbose"),
    showHeaders: head || has("-i", "--include"),
    discardBody: last("-o") !== undefined,
    writeOut: last("-w") ?? "",
    maxTimeUs: seconds("-m", Number.POSITIVE_INFINITY),
    connectTimeoutUs: seconds("--connect-timeout", defaultConnectTimeoutUs),
    family: has("-4", "--ipv4") ? "ip4" : has("-6", "--ipv6") ? "ip6" : undefined,
    headers: values.get("-H") ?? [],
    data,
    failOnError: has("-f", "--fail"),
  };
}
