/**
 * Embeddings as the server stores them, here after the browser undid the gzip around them:
 *
 *     "SWE1" | uint32 n | n bytes of JSON, padded so that (8 + n) % 4 == 0 | float32 scales[256] | int8 values[256·64·64]
 *
 * Little-endian; value = scale of its channel × byte. `annotations/engines/embedding_codec.py` writes it.
 * @module decoder/embedding
 */

export const EMBEDDING_SHAPE = /** @type {const} */ ([256, 64, 64]);
const [CHANNELS, ROWS, COLUMNS] = EMBEDDING_SHAPE;
const PER_CHANNEL = ROWS * COLUMNS;

/**
 * @typedef {object} Embedding
 * @property {Float32Array} features 256 × 64 × 64
 * @property {string} model
 * @property {number} version
 * @property {{width: number, height: number}} image in pixels
 */

/** @param {ArrayBuffer} buffer @returns {Embedding} */
export function parseEmbedding(buffer) {
  const view = new DataView(buffer);
  if (buffer.byteLength < 8 || view.getUint32(0, false) !== 0x53574531) throw new Error("This is not an embedding.");
  const start = 8 + view.getUint32(4, true);
  if (buffer.byteLength !== start + 4 * CHANNELS + CHANNELS * PER_CHANNEL) {
    throw new Error("The embedding has the wrong length.");
  }
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, start - 8)));
  if (header.dtype !== "int8" || String(header.shape) !== String(EMBEDDING_SHAPE)) {
    throw new Error("The embedding has a type or shape that is not read here.");
  }
  const [width, height] = header.image;
  return { features: dequantise(buffer, start), model: header.model, version: header.version, image: { width, height } };
}

/** @param {ArrayBuffer} buffer @param {number} start of the scales */
function dequantise(buffer, start) {
  const scales = new Float32Array(buffer.slice(start, start + 4 * CHANNELS));
  const values = new Int8Array(buffer, start + 4 * CHANNELS);
  const features = new Float32Array(values.length);
  for (let channel = 0, at = 0; channel < CHANNELS; channel++) {
    const scale = scales[channel];
    for (const end = at + PER_CHANNEL; at < end; at++) features[at] = values[at] * scale;
  }
  return features;
}
