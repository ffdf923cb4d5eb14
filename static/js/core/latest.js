/**
 * Latest wins: of several questions only the newest one's answer counts.
 * @module core/latest
 */

/** @typedef {() => boolean} IsLatest whether nothing was asked since */

export function createLatest() {
  let newest = 0;

  /** @returns {IsLatest} */
  function current() {
    const own = newest;
    return () => own === newest;
  }

  return {
    /** A new question: the answers to those before it come too late. */
    next() {
      newest++;
      return current();
    },
    /** Asks nothing new, but wants to hear of it when somebody does. */
    current,
    /** No answer to what was asked until now counts any more. */
    cancel() {
      newest++;
    },
  };
}
