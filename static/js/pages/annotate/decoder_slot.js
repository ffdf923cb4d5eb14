/**
 * The decoder of the page, which comes after the tools: nobody can point before it is there.
 * @module pages/annotate/decoder_slot
 */
import { createEmitter } from "../../core/emitter.js";

/** @typedef {import("../../tools/types.js").Decoder} Decoder */
/** @typedef {import("../../decoder/closeup.js").Closeups} Closeups */
/** @typedef {{armed: Decoder, used: Decoder}} DecoderEvents armed: the tools can be used; used: it answers from now on, or another one does */
/** @typedef {ReturnType<typeof createDecoderSlot>} DecoderSlot */

export function createDecoderSlot() {
  /** @type {ReturnType<typeof createEmitter<DecoderEvents>>} */
  const events = createEmitter();
  /** @type {Decoder | null} */
  let decoder = null;
  /** @type {Closeups | null} */
  let closeups = null;

  /** What prompts are given to. */
  const current = () => (decoder && closeups ? closeups.over(decoder) : decoder);

  return {
    on: events.on,
    current,
    get armed() {
      return decoder !== null;
    },
    /** @param {Decoder} ready */
    arm(ready) {
      decoder = ready;
      current();
      events.emit("used", ready);
      events.emit("armed", ready);
    },
    /** Of two decoders another one answers. @param {Decoder} used */
    changed: (used) => events.emit("used", used),
    /** From now on what is seen closely is decoded in close-ups. @param {Closeups | null} made null for an image that needs none */
    addCloseups(made) {
      closeups = made;
      current();
    },
  };
}
