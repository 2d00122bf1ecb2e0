/** Mutations of manifests: of bytes, of lines of YAML, of the objects themselves. */
import { stringify } from "yaml";
import { openRandom, type Random } from "../../src/base/index.js";
import { KINDS } from "../../src/objects/index.js";
import { makeTree, mutateTree } from "./tree.js";

/** Manifests that mutations start from. */
export const SEEDS: readonly string[] = [
  "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  labels: {app: web}\nspec:\n  selector:\n    app: web\n  ports:\n  - port: 80\n    targetPort: http\n",
  "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: np\nspec:\n  podSelector: {}\n  ingress:\n  - from:\n    - ipBlock:\n        cidr: 10.0.0.0/8\n        except: [10.1.0.0/16]\n    ports:\n    - port: 80\n      endPort: 90\n",
  "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: &m\n    name: a\n  spec:\n    containers:\n    - name: c\n      image: nginx\n      ports:\n      - containerPort: 80\n- apiVersion: v1\n  kind: Namespace\n  metadata: *m\n",
  '{"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","metadata":{"name":"s"},"addressType":"IPv4","endpoints":[{"addresses":["10.0.0.1"],"conditions":{"ready":true}}],"ports":[{"name":"","port":80}]}',
  "apiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata:\n  name: c\nspec:\n  tier: Admin\n  priority: 1\n  subject:\n    namespaces: {}\n  egress:\n  - action: Deny\n    to:\n    - networks:\n      - 0.0.0.0/0\n",
  "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: coredns\ndata:\n  Corefile: |\n    .:53 {\n        errors\n    }\n",
];

const PIECES = [
  "__proto__",
  "constructor",
  "prototype",
  "&a ",
  "*a",
  "!!binary ",
  "!!js/function ",
  "- ",
  ": ",
  "{",
  "}",
  "[",
  "]",
  "|",
  ">",
  "'",
  '"',
  "\\",
  "\n",
  "\t",
  "\u0000",
  "\ufeff",
  "---\n",
  "...\n",
  "<<: *a\n",
  "null",
  "1e999",
  "-0",
  "9007199254740993",
  "0x",
  "\ud800",
  "é",
  "#",
  "%YAML 1.1\n",
  "? ",
  "[[[[[[[[",
  "{a: {a: {a: ",
  "toString",
  "hasOwnProperty",
];

/** One mutated document: one of the seeds, or an object drawn from the declaration of its kind. */
export function mutate(random: Random): string {
  const isDrawn = random.nextBelow(3) === 0;
  let text = isDrawn ? drawText(random) : (SEEDS[random.nextBelow(SEEDS.length)] as string);
  if (isDrawn && random.nextBelow(3) > 0) return text;
  const times = 1 + random.nextBelow(4);
  for (let i = 0; i < times; i++) text = mutateOnce(text, random);
  return text;
}

function mutateOnce(text: string, random: Random): string {
  const at = random.nextBelow(text.length + 1);
  const piece = PIECES[random.nextBelow(PIECES.length)] as string;
  switch (random.nextBelow(7)) {
    case 0:
      return text.slice(0, at) + piece + text.slice(at);
    case 1:
      return text.slice(0, at) + text.slice(at + 1 + random.nextBelow(8));
    case 2:
      return text.slice(0, at) + String.fromCharCode(random.nextBelow(0x300)) + text.slice(at + 1);
    case 3:
      return mutateLines(text, random);
    case 4:
      return text.replace(/: [^\n]*/g, (v) => (random.nextBelow(6) === 0 ? `: ${piece}` : v));
    case 5:
      return text.replace(/\d+/g, (v) =>
        random.nextBelow(3) === 0 ? String(random.nextBelow(99999) - 9) : v,
      );
    default:
      return text.replace(/\b[a-z]\w+(?=:)/gi, (v) =>
        random.nextBelow(8) === 0 ? piece.trim() : v,
      );
  }
}

function mutateLines(text: string, random: Random): string {
  const lines = text.split("\n");
  const [from, to] = [random.nextBelow(lines.length), random.nextBelow(lines.length)];
  const line = lines[from] as string;
  const kind = random.nextBelow(3);
  if (kind === 0) lines.splice(to, 0, line);
  else if (kind === 1) lines.splice(from, 1);
  else lines[from] = " ".repeat(random.nextBelow(4)) + line;
  return lines.join("\n");
}

/** A stream for one run of the fuzzer. */
export function openFuzz(seed: string): Random {
  return openRandom(seed, "fuzz");
}

/** An object of any kind with every field in reach, wrong in a few places, as JSON or as YAML. */
function drawText(random: Random): string {
  const kinds = Object.values(KINDS);
  const { shape } = kinds[random.nextBelow(kinds.length)] as (typeof kinds)[number];
  const { apiVersion, objectKind: kind } = shape;
  const tree = { ...(makeTree(shape, random) as object), apiVersion, kind };
  for (let i = random.nextBelow(4); i > 0; i--) mutateTree(tree, random);
  return random.nextBelow(2) === 0 ? JSON.stringify(tree) : stringify(tree);
}
