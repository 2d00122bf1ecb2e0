/**
 * ip(8) on running namespaces: `ip link set eth0 down`, `ip addr del …`, with the exit codes and the
 * words of the real program where it refuses.
 */
import {
  type LinkAddr,
  makeLinkAddr,
  tryParseAddr,
  tryParseLinkAddr,
  tryParseMac,
} from "../../addr/index.js";
import type { LinkConfig, LinkKind } from "../../link/index.js";
import type { NetnsConfig } from "../config.js";
import { addAddress, deleteAddress } from "./address-change.js";
import { Changing, type LinkPlace } from "./changing.js";
import { deleteLink, deleteNetns, renameLink, setMaster } from "./link-life.js";
import { setLinkDown, setLinkUp, setMtu } from "./link-state.js";
import { readNeighbor, readRoute } from "./read-words.js";
import {
  deleteNeighbor,
  deleteRoute,
  type PutMode,
  putNeighbor,
  putRoute,
} from "./route-change.js";

/** What became of a command. */
export interface CommandOutcome {
  /** 0; 1 or 2 where the kernel or the program refused, 255 where a word was no word of it. */
  readonly exitCode: number;
  /** As on the standard error, without the end of the line; empty where all went well. */
  readonly error: string;
  /** Configurations that are others now. */
  readonly changed: readonly NetnsConfig[];
  readonly gone: readonly string[];
  readonly cameUp: readonly LinkPlace[];
}

/** A refusal of ip(8). */
class Refusal extends Error {
  readonly exitCode: number;
  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * Runs one `ip` command in a namespace among others.
 *
 * Shape: `words` are those after `ip`. Nothing is half applied: after a refusal nothing has changed.
 * Follows: iproute2 6.1 ip/iplink.c, ipaddress.c, iproute.c, ipneigh.c, ipnetns.c; Linux 6.18.
 * Not modelled: what is not named in `RUNNERS`; such a command is refused with code 255.
 *
 * @example
 * runIpCommand([], "", ["netns", "del", "p1"]).exitCode // => 1
 */
export function runIpCommand(
  configs: Iterable<NetnsConfig>,
  netns: string,
  words: readonly string[],
): CommandOutcome {
  const changing = new Changing(configs);
  const plain = words.filter((word) => word !== "-4" && word !== "-6");
  const [object = "", verb = "", ...rest] = plain;
  const isIp6 = words.includes("-6");
  try {
    const run = RUNNERS[`${OBJECTS[object] ?? object} ${verb}`];
    if (run === undefined) {
      throw new Refusal(255, `Object "${object}" is unknown, try "ip help".`);
    }
    run({ changing, netns, words: rest, isIp6 });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const nothing = { changed: [], gone: [], cameUp: [] };
    return { exitCode: error.exitCode, error: error.message, ...nothing };
  }
  const { cameUp } = changing;
  return { exitCode: 0, error: "", changed: changing.changed(), gone: changing.gone(), cameUp };
}

const OBJECTS: Readonly<Record<string, string>> = {
  l: "link",
  address: "addr",
  a: "addr",
  r: "route",
  neighbour: "neigh",
  neighbor: "neigh",
  n: "neigh",
};

interface Run {
  readonly changing: Changing;
  readonly netns: string;
  readonly words: readonly string[];
  readonly isIp6: boolean;
}

const put =
  (mode: PutMode) =>
  ({ changing, netns, words, isIp6 }: Run): void =>
    refuse(putRoute(changing, netns, readRoute(words, isIp6), mode));

const putNeigh =
  (mode: PutMode) =>
  ({ changing, netns, words }: Run): void => {
    const neighbor = readNeighbor(words);
    findLink(changing, netns, neighbor.link);
    refuse(putNeighbor(changing, netns, neighbor, mode));
  };

const RUNNERS: Readonly<Record<string, (run: Run) => void>> = {
  "link set": setLink,
  "link add": addLink,
  "link del": ({ changing, netns, words }) => {
    const name = nameOf(words);
    findLink(changing, netns, name);
    deleteLink(changing, { netns, link: name });
  },
  "addr add": (run) => {
    const { address, place } = readAddress(run);
    const scope = address.addr.family === "ip6" && address.addr.s0 >>> 22 === 0x3fa;
    const added = { address, scope: scope ? "link" : "global" } as const;
    refuse(addAddress(run.changing, place, added));
  },
  "addr del": (run) => {
    const { address, place } = readAddress(run);
    refuse(deleteAddress(run.changing, place, address));
  },
  "route add": put("add"),
  "route append": put("append"),
  "route replace": put("replace"),
  "route del": ({ changing, netns, words, isIp6 }) => {
    const { scope: _scope, protocol: _protocol, ...asked } = readRoute(words, isIp6);
    const { metric, kind, ...key } = asked;
    const named = {
      ...key,
      ...(words.includes("metric") ? { metric } : {}),
      ...(kind === "unicast" ? {} : { kind }),
    };
    refuse(deleteRoute(changing, netns, named));
  },
  "neigh add": putNeigh("add"),
  "neigh replace": putNeigh("replace"),
  "neigh del": ({ changing, netns, words }) =>
    refuse(deleteNeighbor(changing, netns, readNeighbor(words))),
  "netns del": ({ changing, words: [name = ""] }) => {
    if (!changing.has(name)) {
      const file = `/run/netns/${name}`;
      throw new Refusal(1, `Cannot remove namespace file "${file}": No such file or directory`);
    }
    deleteNetns(changing, name);
  },
};

function refuse(error: string | undefined): void {
  if (error !== undefined) throw new Refusal(2, error);
}

function nameOf(words: readonly string[]): string {
  return (words[0] === "dev" ? words[1] : words[0]) ?? "";
}

function findLink(changing: Changing, netns: string, name: string): LinkConfig {
  const link = changing.link(netns, name);
  if (link === undefined) throw new Refusal(1, `Cannot find device "${name}"`);
  return link;
}

/** Names a device can have (Linux `dev_valid_name`, iproute2 `check_ifname`). */
function isLinkName(name: string): boolean {
  return name.length > 0 && name.length < 16 && !/[/\s]/.test(name);
}

function setLink({ changing, netns, words }: Run): void {
  const name = nameOf(words);
  const rest = words.slice(words[0] === "dev" ? 2 : 1);
  checkName(rest);
  const link = findLink(changing, netns, name);
  let place: LinkPlace = { netns, link: name };
  const argumentOf = (word: string) => rest[rest.indexOf(word) + 1] ?? "";
  if (rest.includes("address")) {
    const mac = tryParseMac(argumentOf("address"));
    if (mac !== undefined) changing.updateLink(place, { mac });
  }
  if (rest.includes("mtu")) refuse(setMtu(changing, place, Number(argumentOf("mtu"))));
  if (rest.includes("master")) {
    const master = argumentOf("master");
    findLink(changing, netns, master);
    setMaster(changing, place, master);
  }
  if (rest.includes("nomaster")) setMaster(changing, place, undefined);
  if (rest.includes("promisc")) {
    changing.updateLink(place, { promiscuous: argumentOf("promisc") === "on" });
  }
  if (rest.includes("name") && argumentOf("name") !== link.name) {
    const next = argumentOf("name");
    if (changing.link(netns, next) !== undefined) refuse("RTNETLINK answers: File exists");
    renameLink(changing, place, next);
    place = { netns, link: next };
  }
  if (rest.includes("down")) setLinkDown(changing, place);
  if (rest.includes("up")) setLinkUp(changing, place);
}

function checkName(words: readonly string[]): void {
  const at = words.indexOf("name");
  const name = words[at + 1] ?? "";
  if (at < 0 || isLinkName(name)) return;
  throw new Refusal(255, `Error: argument "${name}" is wrong: "name" not a valid ifname`);
}

function addLink({ changing, netns, words }: Run): void {
  const name = words[0] === "name" || words[0] === "dev" ? (words[1] ?? "") : nameOf(words);
  const type = words[words.indexOf("type") + 1] ?? "";
  if (!isLinkName(name)) {
    throw new Refusal(255, `Error: argument "${name}" is wrong: "name" not a valid ifname`);
  }
  const peerAt = words.indexOf("peer");
  const peer = words[peerAt + 1] === "name" ? words[peerAt + 2] : words[peerAt + 1];
  const names = type === "veth" && peer !== undefined ? [name, peer] : [name];
  if (names.some((n) => changing.link(netns, n) !== undefined)) {
    refuse("RTNETLINK answers: File exists");
  }
  const kinds: readonly LinkKind[] =
    type === "veth" && peer !== undefined
      ? [
          { kind: "veth", peer: { link: peer } },
          { kind: "veth", peer: { link: name } },
        ]
      : type === "bridge" || type === "dummy"
        ? [{ kind: type }]
        : [];
  if (kinds.length === 0) refuse("Error: Unknown device type.");
  names.forEach((n, i) => {
    const { links } = changing.get(netns);
    const index = Math.max(0, ...links.map((l) => l.index)) + 1;
    const kind = kinds[i] as LinkKind;
    const made = { index, name: n, mtu: 1500, up: false, kind, addresses: [] };
    changing.update(netns, { links: [...links, made] });
  });
}

function readAddress({ changing, netns, words }: Run): { address: LinkAddr; place: LinkPlace } {
  const [text = ""] = words;
  const plain = tryParseAddr(text);
  const address =
    plain === undefined
      ? tryParseLinkAddr(text)
      : makeLinkAddr(plain, plain.family === "ip4" ? 32 : 128);
  if (address === undefined) {
    throw new Refusal(1, `Error: any valid prefix is expected rather than "${text}".`);
  }
  const link = words[words.indexOf("dev") + 1] ?? "";
  findLink(changing, netns, link);
  return { address, place: { netns, link } };
}
