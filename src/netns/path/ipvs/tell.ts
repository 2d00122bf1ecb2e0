/** Telling what IPVS did. */
import type { Connection } from "../../../ipvs/index.js";
import type { IpvsStep } from "../../../trace/index.js";
import type { Transit } from "../../transit.js";

/** Tells a step about a connection; it comes from what its virtual server comes from. */
export function tellIpvs(
  { tell }: Pick<Transit, "tell">,
  { service, virtual, virtualPort, server, real, realPort, state }: Connection,
  what: Pick<IpvsStep, "event" | "before" | "after">,
): void {
  if (tell === undefined) return;
  const { scheduler, protocol, origin = server.origin } = service.config;
  tell({
    kind: "ipvs",
    ...what,
    protocol,
    virtual: { addr: virtual, port: virtualPort },
    real: { addr: real, port: realPort },
    scheduler,
    state,
    ...(origin === undefined ? {} : { origin }),
  });
}
