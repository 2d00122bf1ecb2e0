import * as fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "../../../src/base/index.js";
import { parseDumpFolder } from "../../../src/netns/index.js";

/** Well-formed pieces, as tools print them. */
const PIECES = {
  "ip-link.json":
    '[{"ifindex":2,"link_index":3,"ifname":"v0","flags":["UP","LOWER_UP"],"mtu":1500,"master":"br0","address":"02:00:00:00:00:02","linkinfo":{"info_kind":"vxlan","info_data":{"id":1,"local":"192.0.2.1","port":8472,"learning":false}}}]',
  "ip-addr.json":
    '[{"ifindex":2,"ifname":"v0","addr_info":[{"family":"inet","local":"192.0.2.1","prefixlen":24,"scope":"global","label":"v0"}]}]',
  "ip-route.json":
    '[{"dst":"default","gateway":"192.0.2.254","dev":"v0","metric":5,"flags":["onlink"],"metrics":[{"mtu":1400}]},{"dst":"10.0.0.0/8","nexthops":[{"gateway":"192.0.2.7","dev":"v0","weight":2,"flags":[]}]}]',
  "ip-rule.json":
    '[{"priority":5,"not":null,"src":"10.0.0.0","srclen":8,"fwmark":"0x1","fwmask":"0xff","dport_start":1,"dport_end":9,"ipproto":"tcp","table":"100"},{"priority":6,"src":"all","goto":9}]',
  "ip-neigh.json":
    '[{"dst":"192.0.2.9","dev":"v0","lladdr":"02:00:00:00:00:09","state":["PERMANENT"]}]',
  "bridge-fdb.json":
    '[{"mac":"02:00:00:00:00:0a","ifname":"v0","dst":"192.0.2.9","flags":["self"],"state":"permanent"}]',
} as const;

const VALUES = ["null", "-1", "1e99", '"x"', "[]", "{}", "true", '"__proto__"', "99999999999"];

/** A piece with some of its text cut, doubled or replaced. */
const mutated = fc
  .record({
    name: fc.constantFrom(...(Object.keys(PIECES) as (keyof typeof PIECES)[])),
    at: fc.nat(300),
    length: fc.nat(12),
    insert: fc.oneof(fc.constantFrom(...VALUES), fc.string({ maxLength: 4 })),
    keepsJson: fc.boolean(),
  })
  .map(({ name, at, length, insert, keepsJson }) => {
    const text = PIECES[name];
    if (!keepsJson) return { name, text: text.slice(0, at) + insert + text.slice(at + length) };
    // A whole value is replaced by another, so that what follows is still JSON.
    const values = [...text.matchAll(/:("[^"]*"|\d+|true|false|null|\[\]|\{\})/g)];
    const chosen = values[at % values.length];
    const start = (chosen?.index ?? 0) + 1;
    const other = VALUES[length % VALUES.length] as string;
    return {
      name,
      text: text.slice(0, start) + other + text.slice(start + (chosen?.[1]?.length ?? 0)),
    };
  });

test("whatever a dump holds, it is read or refused with places", () => {
  const seen = { read: 0, refused: 0, lines: 0 };
  fc.assert(
    fc.property(mutated, ({ name, text }) => {
      const files = { ...PIECES, [name]: text };
      const entries = Object.entries(files).map(([base, t]) => [`n/${base}`, t] as const);
      try {
        parseDumpFolder(new Map(entries));
        seen.read++;
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
        seen.refused++;
        for (const fault of (error as InputError).faults) {
          expect(fault.file).toMatch(/^n\//);
          if (fault.line !== undefined) seen.lines++;
        }
      }
    }),
    { seed: 3, numRuns: 3000 },
  );
  expect(Math.min(seen.read, seen.refused, seen.lines)).toBeGreaterThan(200);
});
