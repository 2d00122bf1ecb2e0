/**
 * `kubectl run`: one pod, and a Service with `--expose`.
 *
 * Follows: kubectl v0.35 pkg/cmd/run/run.go, pkg/generate/versioned/run.go.
 */
import { mistake, notModelled, usage } from "../command/failure.js";
import { flags } from "../command/flags.js";
import { readChanges } from "../command/pairs.js";
import type { Session } from "../session.js";
import { create } from "./made.js";
import { checkOutcomeFlags, dryRunOf } from "./outcome.js";

/** The flags of `run`. */
export const RUN_FLAGS = flags(
  "image!= port= restart= l:labels= env* annotations* command expose i:stdin t:tty rm attach q:quiet image-pull-policy= dry-run=[unchanged] o:output= overrides= override-type= privileged leave-stdin-open field-manager= save-config pod-running-timeout= cascade=[background] force grace-period= timeout= wait now record template= show-managed-fields allow-missing-template-keys=[true] f:filename* k:kustomize= R:recursive",
);

const POLICIES = ["Always", "OnFailure", "Never"];
const PULL_POLICIES = ["Always", "IfNotPresent", "Never"];

/**
 * Names of images. Follows: distribution/reference v0.6 regexp.go `ReferenceRegexp`.
 */
const IMAGE = (() => {
  const label = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
  const domain = String.raw`(?:${label}(?:\.${label})*|\[(?:[a-fA-F0-9:]+)\])(?::[0-9]+)?`;
  const part = "[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*";
  const name = String.raw`(?:${domain}\/)?${part}(?:\/${part})*`;
  const digest = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}";
  return new RegExp(String.raw`^${name}(?::[\w][\w.-]{0,127})?(?:@${digest})?$`);
})();

/** Longest name of an image that is tried against the pattern. */
const MAX_IMAGE = 1024;

/** Runs `run`. */
export function run(session: Session): void {
  const { args } = session;
  checkOutcomeFlags(session);
  const [name, ...words] = args.names;
  if (name === undefined) throw usage("run", "NAME is required for run");
  checkRun(session);
  if (isAttached(session)) throw notModelled("attaching to a container");
  const pod = podOf(session, name, [...words, ...(args.rest ?? [])]);
  const service = args.isSet("expose") ? serviceOf(session, name) : undefined;
  // The pod is made first, and told last.
  const tellPod = create(session, pod, { done: "created", into: "buffer" });
  if (service !== undefined) {
    create(session, service, { done: "created" });
    if (args.text("output") === "yaml") session.print("---");
  }
  session.out += tellPod;
}

/** `--attach`, which `-i` means where nothing is said. */
function isAttached({ args }: Session): boolean {
  return args.has("attach") ? args.isSet("attach") : args.isSet("stdin");
}

function checkRun(session: Session): void {
  const { args } = session;
  const image = args.text("image") ?? "";
  if (image === "") throw mistake("--image is required");
  if (image.length > MAX_IMAGE || !IMAGE.test(image)) {
    throw mistake(`Invalid image name ${JSON.stringify(image)}: invalid reference format`);
  }
  if (args.isSet("tty") && !args.isSet("stdin")) {
    throw usage("run", "-i/--stdin is required for containers with -t/--tty=true");
  }
  if (args.isSet("expose") && !args.text("port")) {
    throw usage("run", "--port must be set when exposing a service");
  }
  const restart = args.text("restart") ?? "Always";
  if (restart !== "" && !POLICIES.includes(restart)) {
    throw usage("run", `invalid restart policy: ${restart}`);
  }
  if (!isAttached(session) && args.isSet("rm")) {
    throw usage("run", "--rm should only be used for attached containers");
  }
  if (isAttached(session) && dryRunOf(session) !== "none") {
    throw usage(
      "run",
      "--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)",
    );
  }
  const pull = args.text("image-pull-policy") ?? "";
  if (pull !== "" && !PULL_POLICIES.includes(pull)) {
    throw usage("run", `invalid image pull policy: ${pull}`);
  }
}

/** The pod as the client makes it; the namespace only where one was typed. */
function podOf(session: Session, name: string, words: readonly string[]) {
  const { args } = session;
  const given = args.text("labels") ?? "";
  const labels = given === "" ? { run: name } : readPairs(given);
  const annotations = Object.fromEntries(
    readChanges(args.list("annotations"), "annotations", false).set,
  );
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      ...placed(session),
      labels,
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
    spec: {
      containers: [containerOf(session, name, words)],
      restartPolicy: args.text("restart") || "Always",
      dnsPolicy: "ClusterFirst",
    },
  };
}

/** The namespace of an object that a client makes; only where one was typed. */
export function placed({ args }: Session): { readonly namespace?: string } {
  const namespace = args.text("namespace");
  return namespace === undefined ? {} : { namespace };
}

function containerOf(session: Session, name: string, words: readonly string[]) {
  const { args } = session;
  const port = args.text("port") ?? "";
  const command = args.isSet("command") ? { command: words } : { args: words };
  const pull = args.text("image-pull-policy") ?? "";
  return {
    name,
    image: args.text("image"),
    ...(words.length > 0 ? command : {}),
    ...(port === "" ? {} : { ports: [{ containerPort: wholePort(port) }] }),
    ...(args.has("env") ? { env: args.list("env").map(readEnv) } : {}),
    ...(pull === "" ? {} : { imagePullPolicy: pull }),
    ...(args.isSet("privileged") ? { securityContext: { privileged: true } } : {}),
    ...(args.isSet("stdin") ? { stdin: true, stdinOnce: !args.isSet("leave-stdin-open") } : {}),
    ...(args.isSet("tty") ? { tty: true } : {}),
  };
}

/** A whole number as Go's `Atoi` reads it. */
export function wholePort(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) {
    throw mistake(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  return Number(text);
}

function serviceOf(session: Session, name: string) {
  const { args } = session;
  const port = wholePort(args.text("port") ?? "");
  const labels = args.text("labels") ?? "";
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, ...placed(session), ...(labels === "" ? {} : { labels: readPairs(labels) }) },
    spec: {
      ports: [{ protocol: "TCP", port, targetPort: port }],
      selector: labels === "" ? { run: name } : readPairs(labels),
    },
  };
}

function readEnv(text: string) {
  const at = text.indexOf("=");
  if (at <= 0 || !/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(text.slice(0, at))) {
    throw mistake(`invalid env: ${text}`);
  }
  return { name: text.slice(0, at), value: text.slice(at + 1) };
}

/** `a=1,b=2` as a map. */
export function readPairs(text: string): Record<string, string> {
  if (text === "") throw mistake("no label spec passed");
  const pairs = text.split(",").map((pair) => {
    const parts = pair.split("=");
    if (parts.length !== 2) throw mistake(`unexpected label spec: ${pair}`);
    if (parts[0] === "") throw mistake("unexpected empty label key");
    return parts as [string, string];
  });
  return Object.fromEntries(pairs);
}
