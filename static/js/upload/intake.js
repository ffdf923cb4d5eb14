/**
 * The ways files reach the page: dropped anywhere, picked, or pasted; and addresses, dropped or pasted.
 * @module upload/intake
 */
import { addressesOf, filesOfDrop, filesOfPaste, filesOfPicker, hasAddress, hasFiles } from "./collect.js";

/**
 * @param {object} parts
 * @param {HTMLElement} parts.veil shown while files hover over the page
 * @param {HTMLInputElement[]} parts.pickers
 * @param {(files: File[]) => void} parts.onFiles
 * @param {(urls: string[]) => void} parts.onUrls
 */
export function createIntake({ veil, pickers, onFiles, onUrls }) {
  // Entering a child comes before leaving its parent: only the difference tells whether the drag is still here.
  let depth = 0;
  const show = (/** @type {boolean} */ on) => {
    veil.hidden = !on;
  };

  /** A link of this very page is dragged by mistake. @param {DragEvent} event */
  const isWanted = ({ dataTransfer }) => hasFiles(dataTransfer) || (hasAddress(dataTransfer) && !own);
  let own = false;
  document.addEventListener("dragstart", () => (own = true));
  document.addEventListener("dragend", () => (own = false));

  /** @param {string[]} urls */
  function addUrls(urls) {
    if (urls.length) onUrls(urls);
  }

  document.addEventListener("dragenter", (event) => {
    if (!isWanted(event)) return;
    event.preventDefault();
    depth++;
    show(true);
  });
  document.addEventListener("dragover", (event) => {
    if (!isWanted(event)) return;
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
  });
  document.addEventListener("dragleave", (event) => {
    if (!isWanted(event)) return;
    depth = Math.max(0, depth - 1);
    if (depth === 0) show(false);
  });
  document.addEventListener("drop", async (event) => {
    if (!isWanted(event) || !event.dataTransfer) return;
    event.preventDefault();
    depth = 0;
    show(false);
    if (!hasFiles(event.dataTransfer)) return addUrls(addressesOf(event.dataTransfer));
    onFiles(await filesOfDrop(event.dataTransfer));
  });
  document.addEventListener("paste", (event) => {
    const files = filesOfPaste(event.clipboardData);
    // Text in a field is the field's.
    const typing = event.target instanceof Element && event.target.closest("input, textarea, dialog");
    const urls = files.length || typing ? [] : addressesOf(event.clipboardData);
    if (urls.length) {
      event.preventDefault();
      return addUrls(urls);
    }
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
