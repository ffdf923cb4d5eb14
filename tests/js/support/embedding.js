export const HEADER = { model: "m", version: 1, shape: [256, 64, 64], dtype: "int8", image: [30, 20], input: [1024, 683] };

/** An embedding's bytes, as browsers get them. */
export function embeddingFile(header = HEADER, magic = "SWE1") {
  const text = JSON.stringify(header);
  const head = text.padEnd(text.length + ((4 - (text.length % 4)) % 4));
  const buffer = new ArrayBuffer(8 + head.length + 4 * 256 + 256 * 4096);
  const bytes = new Uint8Array(buffer);
  bytes.set(new TextEncoder().encode(magic));
  new DataView(buffer).setUint32(4, head.length, true);
  bytes.set(new TextEncoder().encode(head), 8);
  const scales = new Float32Array(buffer, 8 + head.length, 256);
  scales.forEach((_, channel) => (scales[channel] = channel / 8));
  const values = new Int8Array(buffer, 8 + head.length + 4 * 256);
  values.forEach((_, index) => (values[index] = (index % 255) - 127));
  return buffer;
}
