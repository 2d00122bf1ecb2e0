/**
 * The sysctls that routing reads, with the kernel's defaults for what is not set. IPv4 settings exist
 * for `all` and for each link, and the kernel combines the two in a way of its own per setting.
 */

/** Defaults of `net.ipv4.conf.*` (Linux net/ipv4/devinet.c `ipv4_devconf`). */
const DEFAULTS4: Readonly<Record<string, number>> = {
  send_redirects: 1,
  shared_media: 1,
  accept_redirects: 1,
};

/**
 * Reads sysctls by name.
 *
 * Follows: Linux 6.18 include/linux/inetdevice.h `IN_DEV_ORCONF`, `IN_DEV_MAXCONF`,
 * `IN_DEV_CONF_GET`.
 */
export class FibSysctls {
  readonly #values: ReadonlyMap<string, string>;
  readonly #memo = new Map<string, number>();

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
  }

  /** A setting by its whole name. */
  get(name: string, fallback = 0): number {
    const text = this.#values.get(name);
    const value = text === undefined ? Number.NaN : Number.parseInt(text, 10);
    return Number.isNaN(value) ? fallback : value;
  }

  /** The link's own value of `net.ipv4.conf.LINK.key`, or what a new link would get. */
  ofLink(link: string, key: string): number {
    const id = `${link}\u0000${key}`;
    const known = this.#memo.get(id);
    if (known !== undefined) return known;
    const value = this.#read(link, key);
    this.#memo.set(id, value);
    return value;
  }

  /** The value for all links or the link's own: either switches it on. */
  either(link: string, key: string): boolean {
    return this.ofLink("all", key) !== 0 || this.ofLink(link, key) !== 0;
  }

  /** The greater of the value for all links and the link's own. */
  greater(link: string, key: string): number {
    return Math.max(this.ofLink("all", key), this.ofLink(link, key));
  }

  /** `net.ipv6.conf.LINK.key`. */
  ofLink6(link: string, key: string, fallback = 0): number {
    return this.#ofName("ipv6", link, key) ?? this.get(`net.ipv6.conf.default.${key}`, fallback);
  }

  #read(link: string, key: string): number {
    const builtIn = key === "forwarding" ? this.get("net.ipv4.ip_forward") : (DEFAULTS4[key] ?? 0);
    const fallback = link === "all" ? builtIn : this.get(`net.ipv4.conf.default.${key}`, builtIn);
    return this.#ofName("ipv4", link, key) ?? fallback;
  }

  /** A link's own setting. Tools write dots of a link's name as slashes; paths of /proc keep them. */
  #ofName(family: "ipv4" | "ipv6", link: string, key: string): number | undefined {
    const names = [link, nameInSysctl(link)].map((name) => `net.${family}.conf.${name}.${key}`);
    const known = names.find((name) => this.#values.has(name));
    return known === undefined ? undefined : this.get(known);
  }
}

/** A link's name as a part of a sysctl's: dots and slashes change places. */
function nameInSysctl(link: string): string {
  return link.includes(".") ? link.replaceAll(".", "/") : link;
}
