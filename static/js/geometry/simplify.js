/**
 * Lines with fewer points, nowhere further from the original than a tolerance.
 * Source: Douglas and Peucker (1973), "Algorithms for the reduction of the number of points".
 * @module geometry/simplify
 */

/**
 * Squared distance of a point from a line between two points.
 * @param {number} x
 * @param {number} y
 * @param {number} ax
 * @param {number} ay
 * @param {number} bx
 * @param {number} by
 */
export function segmentDistance2(x, y, ax, ay, bx, by) {
  const [, nx, ny] = nearestOnSegment(x, y, ax, ay, bx, by);
  return (x - nx) ** 2 + (y - ny) ** 2;
}

/**
 * The nearest place on a line between two points: its share of the way, and itself.
 * @param {number} x
 * @param {number} y
 * @param {number} ax
 * @param {number} ay
 * @param {number} bx
 * @param {number} by
 * @returns {[number, number, number]}
 */
export function nearestOnSegment(x, y, ax, ay, bx, by) {
  const [dx, dy] = [bx - ax, by - ay];
  const length2 = dx * dx + dy * dy;
  const at = length2 ? Math.min(Math.max(((x - ax) * dx + (y - ay) * dy) / length2, 0), 1) : 0;
  return [at, ax + at * dx, ay + at * dy];
}

/**
 * An open line; both ends stay.
 * @param {ArrayLike<number>} line x, y, x, y, …
 * @param {number} tolerance
 * @returns {number[]}
 */
export function simplifyLine(line, tolerance) {
  const count = line.length / 2;
  return count < 3 ? Array.from(line) : pick(line, kept(line, 0, count - 1, tolerance));
}

/** @param {ArrayLike<number>} line @param {number[]} numbers of points */
function pick(line, numbers) {
  return numbers.flatMap((k) => [line[2 * k], line[2 * k + 1]]);
}

/**
 * Which points of a part of the line stay, both ends included.
 * @param {ArrayLike<number>} line
 * @param {number} first
 * @param {number} last
 * @param {number} tolerance
 */
function kept(line, first, last, tolerance) {
  const numbers = [first, last];
  // A stack of its own: a recursion could be as deep as the line is long.
  const open = [[first, last]];
  for (let range = open.pop(); range; range = open.pop()) {
    const [from, to] = range;
    const far = farthest(line, from, to, tolerance);
    if (far < 0) continue;
    numbers.push(far);
    open.push([from, far], [far, to]);
  }
  return numbers.sort((a, b) => a - b);
}

/** @param {ArrayLike<number>} line @param {number} from @param {number} to @param {number} tolerance */
function farthest(line, from, to, tolerance) {
  let most = tolerance * tolerance;
  let found = -1;
  for (let k = from + 1; k < to; k++) {
    const d2 = segmentDistance2(line[2 * k], line[2 * k + 1], line[2 * from], line[2 * from + 1], line[2 * to], line[2 * to + 1]);
    if (d2 > most) {
      most = d2;
      found = k;
    }
  }
  return found;
}

/**
 * A closed ring, of three points at least where it had as many.
 * @param {ArrayLike<number>} ring
 * @param {number} tolerance
 * @returns {number[]}
 */
export function simplifyRing(ring, tolerance) {
  const count = ring.length / 2;
  if (count < 4) return Array.from(ring);
  const start = extreme(ring, extreme(ring, 0));
  const turned = Array.from(ring).slice(2 * start).concat(Array.from(ring).slice(0, 2 * start), ring[2 * start], ring[2 * start + 1]);
  // Between two points that lie far apart both halves are lines with ends that matter.
  const middle = extreme(turned, 0);
  const numbers = [...kept(turned, 0, middle, tolerance), ...kept(turned, middle, count, tolerance).slice(1, -1)];
  return pick(turned, numbers.length >= 3 ? numbers : withThird(turned, middle));
}

/** The point farthest from another one. @param {ArrayLike<number>} ring @param {number} from */
function extreme(ring, from) {
  let found = from;
  let most = -1;
  for (let k = 0; k < ring.length / 2; k++) {
    const d2 = (ring[2 * k] - ring[2 * from]) ** 2 + (ring[2 * k + 1] - ring[2 * from + 1]) ** 2;
    if (d2 > most) [most, found] = [d2, k];
  }
  return found;
}

/** What would be a line becomes a triangle with the point farthest from it. @param {number[]} ring @param {number} middle */
function withThird(ring, middle) {
  let third = 1;
  let most = -1;
  for (let k = 1; k < ring.length / 2 - 1; k++) {
    const d2 = segmentDistance2(ring[2 * k], ring[2 * k + 1], ring[0], ring[1], ring[2 * middle], ring[2 * middle + 1]);
    if (d2 > most && k !== middle) [most, third] = [d2, k];
  }
  return [0, middle, third].sort((a, b) => a - b);
}
