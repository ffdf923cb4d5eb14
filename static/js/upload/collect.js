/**
 * Files out of a drop, a file picker or the clipboard; dropped folders are walked.
 * @module upload/collect
 */

const LEFTOVERS = new Set(["thumbs.db", "desktop.ini"]);

/** Files that systems leave in folders and nobody means to upload. @param {string} name */
export function isLeftover(name) {
  return name.startsWith(".") || LEFTOVERS.has(name.toLowerCase());
}

/** Whether a drag carries files at all. @param {DataTransfer | null} transfer */
export function hasFiles(transfer) {
  return Array.from(transfer?.types ?? []).includes("Files");
}

/** Whether a drag carries a picture or a link of another page, and no file. @param {DataTransfer | null} transfer */
export function hasAddress(transfer) {
  return !hasFiles(transfer) && Array.from(transfer?.types ?? []).includes("text/uri-list");
}

/**
 * Web addresses of a drop or the clipboard; none when there is any other word among them.
 * @param {DataTransfer | null} transfer
 */
export function addressesOf(transfer) {
  const list = transfer?.getData("text/uri-list") || transfer?.getData("text/plain") || "";
  const words = list.split(/\r?\n/).filter((line) => !line.startsWith("#")).join(" ").split(/\s+/).filter(Boolean);
  return words.every(isWebAddress) ? [...new Set(words)] : [];
}

/** @param {string} text */
export function isWebAddress(text) {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}

/**
 * Must be called within the drop event: the entries are gone afterwards.
 * @param {DataTransfer} transfer
 * @returns {Promise<File[]>}
 */
export async function filesOfDrop(transfer) {
  const items = Array.from(transfer.items ?? []).filter((item) => item.kind === "file");
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null);
  if (!entries.some((entry) => entry?.isDirectory)) return Array.from(transfer.files);
  /** @type {File[]} */
  const files = [];
  for (const entry of entries) if (entry) await walk(entry, files);
  return files;
}

/** @param {FileSystemEntry} entry @param {File[]} files */
async function walk(entry, files) {
  if (isLeftover(entry.name)) return;
  if (entry.isFile) {
    const file = await fileOf(/** @type {FileSystemFileEntry} */ (entry));
    if (file) files.push(file);
    return;
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  // Browsers give a folder in pieces of a hundred; an empty piece is the end.
  for (;;) {
    const piece = await piecesOf(reader);
    if (piece.length === 0) return;
    for (const child of piece) await walk(child, files);
  }
}

/** @param {FileSystemFileEntry} entry @returns {Promise<File | null>} */
function fileOf(entry) {
  return new Promise((resolve) => entry.file(resolve, () => resolve(null)));
}

/** @param {FileSystemDirectoryReader} reader @returns {Promise<FileSystemEntry[]>} */
function piecesOf(reader) {
  return new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
}

/** Files of a picker; those of a folder without its leftovers. @param {FileList | null} list */
export function filesOfPicker(list) {
  return Array.from(list ?? []).filter((file) => !file.webkitRelativePath || !isLeftover(file.name));
}

/**
 * Images of the clipboard. A screenshot is always called "image.png"; the time makes a name of it.
 * @param {DataTransfer | null} transfer
 * @param {Date} [now]
 */
export function filesOfPaste(transfer, now = new Date()) {
  const images = Array.from(transfer?.files ?? []).filter((file) => file.type.startsWith("image/"));
  return images.map((file, index) => (/^image\.\w+$/.test(file.name) || !file.name ? renamed(file, now, index) : file));
}

/** @param {File} file @param {Date} now @param {number} index */
function renamed(file, now, index) {
  const time = now.toISOString().slice(0, 19).replace("T", " ").replaceAll(":", "-");
  const ending = file.type.split("/")[1]?.replace("jpeg", "jpg") ?? "png";
  return new File([file], `Pasted ${time}${index ? ` (${index + 1})` : ""}.${ending}`, { type: file.type });
}
