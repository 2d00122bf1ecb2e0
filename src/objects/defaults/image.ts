/**
 * What the name of an image says of its version.
 *
 * Follows: kubernetes v1.35 pkg/util/parsers `ParseImageName`; github.com/distribution/reference v0.6
 * `ParseNormalizedNamed` and its grammar.
 */

const PART = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const DOMAIN_PART = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const DOMAIN = `(?:${DOMAIN_PART}(?:\\.${DOMAIN_PART})*|\\[(?:[a-fA-F0-9:]+)\\])(?::[0-9]+)?`;
const DIGEST = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}";
const PATH = new RegExp(
  `^(?<path>${PART}(?:/${PART})*)(?::(?<tag>\\w[\\w.-]{0,127}))?(?:@(?<digest>${DIGEST}))?$`,
);
const DOMAIN_FORM = new RegExp(`^${DOMAIN}$`);

/** Longest name of an image without its version. */
const MAX_NAME = 255;

/** Whether an image names no version, or the newest; what is no image's name does neither. */
export function isLatestImage(image: string): boolean {
  if (/^[a-f0-9]{64}$/.test(image)) return false;
  const slash = image.indexOf("/");
  const first = slash < 0 ? "" : image.slice(0, slash);
  const isDomain = /[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase();
  if (isDomain && !DOMAIN_FORM.test(first)) return false;
  const groups = PATH.exec(isDomain ? image.slice(slash + 1) : image)?.groups;
  if (groups === undefined || (groups.path as string).length + first.length > MAX_NAME)
    return false;
  return groups.tag === "latest" || (groups.tag === undefined && groups.digest === undefined);
}
