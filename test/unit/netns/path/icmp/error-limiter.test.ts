import { expect, it } from "vitest";
import { parseAddr } from "../../../../../src/addr/index.js";
import { ErrorLimiter } from "../../../../../src/netns/path/icmp/error-limiter.js";

const PEER = parseAddr("192.0.2.1");
const SECOND = 1_000_000;

it("lets six errors through at once, then one per interval", () => {
  const limiter = new ErrorLimiter();
  const asked = Array.from({ length: 8 }, () => limiter.allow(PEER, SECOND, 0));
  expect(asked).toEqual([true, true, true, true, true, true, false, false]);
  expect(limiter.allow(PEER, SECOND, SECOND)).toBe(true);
  expect(limiter.allow(PEER, SECOND, SECOND)).toBe(false);
});

it("is off with an interval of 0", () => {
  const limiter = new ErrorLimiter();
  expect(Array.from({ length: 99 }, () => limiter.allow(PEER, 0, 0))).not.toContain(false);
});

it("a redirect silences an error about a missing route that follows within a second", () => {
  const limiter = new ErrorLimiter();
  expect(limiter.allowRedirect(PEER, 0)).toBe(true);
  expect(limiter.allowRouteError(PEER, SECOND - 1)).toBe(false);
  expect(limiter.allowRouteError(PEER, 2 * SECOND)).toBe(true);
});

it("redirects are sent ever more rarely, nine in all", () => {
  const limiter = new ErrorLimiter();
  const sent = Array.from({ length: 2000 }, (_, i) => limiter.allowRedirect(PEER, i * 10_000));
  expect(sent.filter(Boolean)).toHaveLength(9);
});
