/**
 * The decoder of the page, which comes after the tools: nobody can point before it is there.
 * @module pages/annotate/decoder_slot
 */
import { createEmitter } from "../../core/emitter.js";

/** @typedef {import("../../tools/types.js").Decoder} Decoder */
/** @typedef {import("../../decoder/crops.js").Crops} Crops */
/** @typedef {{armed: Decoder, used: Decoder}} DecoderEvents armed: the tools can be used; used: it answers from now on, or another one does */
/** @typedef {ReturnType<typeof createDecoderSlot>} DecoderSlot */

export function createDecoderSlot() {
  /** @type {ReturnType<typeof createEmitter<DecoderEvents>>} */
  const events = createEmitter();
  /** @type {Decoder | null} */
  let decoder = null;
  /** @type {Crops | null} */
  let crops = null;

  /** What prompts are given to. */
  const current = () => (decoder && crops ? crops.over(decoder) : decoder);

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
    /** From now on what is seen closely is decoded in crops. @param {Crops | null} made null for an image that needs none */
    addCrops(made) {
      crops = made;
      current();
    },
  };
}
