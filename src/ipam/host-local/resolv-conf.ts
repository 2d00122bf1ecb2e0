/** The parts of resolv.conf(5) that host-local copies into its results. */

/** Name service of a result; empty lists are left out. */
export interface ResultDns {
  readonly nameservers?: readonly string[];
  readonly domain?: string;
  readonly search?: readonly string[];
  readonly options?: readonly string[];
}

/**
 * Reads resolv.conf.
 *
 * Shape: comments, unknown words and words without a value are passed over; the last `domain` counts.
 * Follows: containernetworking/plugins v1.1.1, host-local `parseResolvConf`.
 */
export function parseResolvConf(text: string): ResultDns {
  const nameservers: string[] = [];
  const search: string[] = [];
  const options: string[] = [];
  let domain: string | undefined;
  for (const line of text.split("\n")) {
    if (/^\s*([#;]|$)/.test(line)) continue;
    const [word, ...values] = line.trim().split(/\s+/);
    const [first] = values;
    if (first === undefined) continue;
    if (word === "nameserver") nameservers.push(first);
    else if (word === "domain") domain = first;
    else if (word === "search") search.push(...values);
    else if (word === "options") options.push(...values);
  }
  return {
    ...(nameservers.length > 0 ? { nameservers } : {}),
    ...(domain === undefined ? {} : { domain }),
    ...(search.length > 0 ? { search } : {}),
    ...(options.length > 0 ? { options } : {}),
  };
}
