/**
 * Undo and redo as a stack of commands.
 * @module core/history
 */
import { createEmitter } from "./emitter.js";

/**
 * @typedef {object} Command
 * @property {string} name what it did, e.g. "Delete Dog"
 * @property {() => void} undo
 * @property {() => void} redo
 */

/** @typedef {ReturnType<typeof createHistory>} History */

/** @param {{limit?: number}} [options] */
export function createHistory({ limit = 500 } = {}) {
  /** @type {ReturnType<typeof createEmitter<{change: {undo: string | null, redo: string | null}}>>} */
  const events = createEmitter();
  /** @type {Command[]} */
  const done = [];
  /** @type {Command[]} */
  let undone = [];

  function changed() {
    events.emit("change", { undo: done.at(-1)?.name ?? null, redo: undone.at(-1)?.name ?? null });
  }

  return {
    on: events.on,
    /** Records a command that has just been carried out. @param {Command} command */
    push(command) {
      done.push(command);
      if (done.length > limit) done.shift();
      undone = [];
      changed();
    },
    /** @returns {Command | null} the command that was undone */
    undo() {
      const command = done.pop();
      if (!command) return null;
      command.undo();
      undone.push(command);
      changed();
      return command;
    },
    /** @returns {Command | null} the command that was done again */
    redo() {
      const command = undone.pop();
      if (!command) return null;
      command.redo();
      done.push(command);
      changed();
      return command;
    },
    /** Takes out commands whose objects are gone: they would do nothing. @param {readonly Command[]} commands */
    forget(commands) {
      if (!commands.length) return;
      const others = (/** @type {Command} */ one) => !commands.includes(one);
      done.splice(0, done.length, ...done.filter(others));
      undone = undone.filter(others);
      changed();
    },
    get canUndo() {
      return done.length > 0;
    },
    get canRedo() {
      return undone.length > 0;
    },
  };
}
