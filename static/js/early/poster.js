/**
 * Puts the picture where the page will draw it, before anything else has been loaded: the page before has left word of where
 * that is. It runs while the document is read, so that the picture belongs to the very first paint.
 */
(() => {
  const poster = document.getElementById("poster");
  if (!poster) return;
  try {
    const state = JSON.parse(sessionStorage.getItem("segweb-carry") ?? "null");
    const here = state && location.pathname.split("/")[2] === String(state.image);
    const place = here ? state.poster : null;
    const turned = JSON.parse(localStorage.getItem("segweb-look") ?? "{}").turns > 0;
    if (place) {
      for (const side of ["left", "top", "width", "height"]) poster.style.setProperty(side, `${Number(place[side])}px`);
      poster.style.setProperty("transform", `rotate(${Number(place.rotation) * 90}deg)`);
      poster.classList.add("is-placed");
    } else if (turned || (here && state.place)) poster.hidden = true;
  } catch {
    // Without storage the picture is shown as a whole, as the page will.
  }
})();
