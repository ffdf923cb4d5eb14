/** The pixels of spans, as "x y". @param {number[]} spans @param {number} height */
export function pixelsOf(spans, height) {
  const set = new Set();
  for (let k = 0; k < spans.length; k += 2) {
    for (let at = spans[k]; at < spans[k + 1]; at++) set.add(`${Math.floor(at / height)} ${at % height}`);
  }
  return set;
}
