/**
 * All features of the annotate page, in the order of the help sheet.
 * @module pages/annotate/features
 */
import { annotations } from "./features/annotations.js";
import { clipboard } from "./features/clipboard.js";
import { colourClusters } from "./features/colour_clusters.js";
import { editing } from "./features/editing.js";
import { help } from "./features/help.js";
import { modelSuggestions } from "./features/model_suggestions.js";
import { navigation } from "./features/navigation.js";
import { reviewStatus } from "./features/review_status.js";
import { selection } from "./features/selection.js";
import { smart } from "./features/smart.js";
import { status } from "./features/status.js";
import { strip } from "./features/strip.js";
import { updates } from "./features/updates.js";
import { view } from "./features/view.js";
import { viewSettings } from "./features/view_settings.js";

export const FEATURES = [
  smart,
  editing,
  modelSuggestions,
  colourClusters,
  selection,
  annotations,
  view,
  viewSettings,
  navigation,
  reviewStatus,
  clipboard,
  help,
  status,
  strip,
  updates,
];
