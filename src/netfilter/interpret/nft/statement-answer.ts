/** What one statement of nft answers. */
import type { HookResult } from "../../engine.js";
import type { NftVerdict } from "../../nft.js";
import type { RejectWith } from "../../verdict.js";

/** What a statement says: go on in the rule, the rule does not hold, or a verdict. */
export type StatementAnswer =
  | { readonly kind: "next" }
  | { readonly kind: "break" }
  | { readonly kind: "verdict"; readonly verdict: NftVerdict }
  | { readonly kind: "reject"; readonly with: RejectWith }
  | (HookResult & { readonly kind: "refused" });
