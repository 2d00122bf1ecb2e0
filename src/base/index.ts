/** The door of `base`: what every floor may use. No networking words live here. */
export { assert, InvariantError, unreachable } from "./assert.js";
export {
  type Fault,
  type FaultSubject,
  InputError,
  printFault,
  printValue,
  RefusedError,
  UnsupportedError,
} from "./errors.js";
export { Heap } from "./heap.js";
export { type Origin, printOrigin } from "./origin.js";
export {
  openRandom,
  type Random,
  type RandomState,
  restoreRandom,
  type SavedRandom,
} from "./random.js";
export { TextBuffer } from "./text-buffer.js";
