/**
 * What every page's frame does: menus close on Escape, on a click elsewhere and when focus leaves.
 * @module pages/chrome
 */

const menus = () => /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll("[data-menu][open]"));

document.addEventListener("pointerdown", (event) => {
  for (const menu of menus()) {
    if (event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("focusin", (event) => {
  for (const menu of menus()) {
    if (event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus()) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  }
});
