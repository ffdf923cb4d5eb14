/**
 * The ways files reach the page: dropped anywhere, picked, or pasted.
 * @module upload/intake
 */
import { filesOfDrop, filesOfPaste, filesOfPicker, hasFiles } from "./collect.js";

/**
 * @param {object} parts
 * @param {HTMLElement} parts.veil shown while files hover over the page
 * @param {HTMLInputElement[]} parts.pickers
 * @param {(files: File[]) => void} parts.onFiles
 */
export function createIntake({ veil, pickers, onFiles }) {
  // Entering a child comes before leaving its parent: only the difference tells whether the drag is still here.
  let depth = 0;
  const show = (/** @type {boolean} */ on) => {
    veil.hidden = !on;
  };

  document.addEventListener("dragenter", (event) => {
    if (!hasFiles(event.dataTransfer)) return;
    event.preventDefault();
    depth++;
    show(true);
  });
  document.addEventListener("dragover", (event) => {
    if (!hasFiles(event.dataTransfer)) return;
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
  });
  document.addEventListener("dragleave", (event) => {
    if (!hasFiles(event.dataTransfer)) return;
    depth = Math.max(0, depth - 1);
    if (depth === 0) show(false);
  });
  document.addEventListener("drop", async (event) => {
    if (!hasFiles(event.dataTransfer) || !event.dataTransfer) return;
    event.preventDefault();
    depth = 0;
    show(false);
    onFiles(await filesOfDrop(event.dataTransfer));
  });
  document.addEventListener("paste", (event) => {
    const files = filesOfPaste(event.clipboardData);
    if (files.length === 0) return;
    event.preventDefault();
    onFiles(files);
  });
  for (const picker of pickers) {
    picker.addEventListener("change", () => {
      onFiles(filesOfPicker(picker.files));
      // The same file can be picked again.
      picker.value = "";
    });
  }
}
