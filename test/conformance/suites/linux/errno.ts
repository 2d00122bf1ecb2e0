/** Error numbers by the text that tools print (glibc strerror). */
const TEXTS: Readonly<Record<string, string>> = {
  EINVAL: "Invalid argument",
  ENETUNREACH: "Network is unreachable",
  EHOSTUNREACH: "No route to host",
  EACCES: "Permission denied",
  EXDEV: "Invalid cross-device link",
  EADDRNOTAVAIL: "Cannot assign requested address",
  ENODEV: "No such device",
};

/** The text of an error number. */
export function errorText(errno: string): string {
  return TEXTS[errno] ?? errno;
}
