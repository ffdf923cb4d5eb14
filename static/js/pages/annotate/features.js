/**
 * All features of the annotate page, in the order of the help sheet.
 * @module pages/annotate/features
 */
import { clipboard } from "./features/clipboard.js";
import { colourClusters } from "./features/colour_clusters.js";
import { editing } from "./features/editing.js";
import { help } from "./features/help.js";
import { list } from "./features/list.js";
import { navigation } from "./features/navigation.js";
import { objectSuggestions } from "./features/object_suggestions.js";
import { selection } from "./features/selection.js";
import { smart } from "./features/smart.js";
import { status } from "./features/status.js";
import { strip } from "./features/strip.js";
import { updates } from "./features/updates.js";
import { view } from "./features/view.js";
import { viewSettings } from "./features/view_settings.js";
import { workState } from "./features/work_state.js";

export const FEATURES = [
  smart,
  editing,
  objectSuggestions,
  colourClusters,
  selection,
  list,
  view,
  viewSettings,
  navigation,
  workState,
  clipboard,
  help,
  status,
  strip,
  updates,
];
