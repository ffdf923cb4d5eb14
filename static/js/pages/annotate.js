/**
 * The annotate page: makes its core, loads its features, opens the image.
 * @module pages/annotate
 */
import { pageData } from "../ui/element.js";
import { keysOf, loadFeatures } from "./annotate/feature.js";
import { FEATURES } from "./annotate/features.js";
import { openImage } from "./annotate/open_image.js";
import { createPage } from "./annotate/page.js";

const page = await createPage(pageData());
const { navigationState, shortcuts, tools, toasts } = page;

/** @param {unknown} error */
function featureFailed(error) {
  console.error(error);
  toasts.show({
    kind: "error",
    key: "features",
    title: "A part of this page could not be loaded",
    text: "The rest works, and nothing is lost. Load the page again to have all of it.",
    action: { label: "Load again", run: () => location.reload() },
  });
}

const loaded = loadFeatures(FEATURES, page, featureFailed).then((parts) => {
  shortcuts.add(keysOf(FEATURES, page, parts));
  shortcuts.listen();
  if (navigationState?.tool) tools.use(navigationState.tool === "magic" ? "smart" : navigationState.tool);
  return parts;
});
page.done();
await openImage(page, loaded);
const { updates, clipboard } = await loaded;
await updates?.loaded;
if (page.image.state === "ready") clipboard?.arrive(navigationState?.paste ?? null);
