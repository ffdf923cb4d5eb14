/**
 * Typed events inside the page.
 * @module core/emitter
 */

/**
 * @template {Record<string, any>} Events
 * @returns {{
 *   on: <K extends keyof Events>(type: K, listener: (event: Events[K]) => void) => () => void,
 *   emit: <K extends keyof Events>(type: K, event: Events[K]) => void,
 * }}
 */
export function createEmitter() {
  /** @type {Map<keyof Events, Set<(event: any) => void>>} */
  const listeners = new Map();
  return {
    on(type, listener) {
      const set = listeners.get(type) ?? new Set();
      listeners.set(type, set.add(listener));
      return () => void set.delete(listener);
    },
    emit(type, event) {
      for (const listener of [...(listeners.get(type) ?? [])]) listener(event);
    },
  };
}
