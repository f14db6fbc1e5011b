import { LIST_FILTERS } from "./list-filters.js";
import { NUMBER_FILTERS } from "./number-filters.js";
import type { Filter } from "./runtime.js";
import { SELECT_FILTERS } from "./select-filters.js";
import { TEXT_FILTERS } from "./text-filters.js";

/** Every filter by its name; of Jinja's own, those are missing that make pages of the web or chance. */
export const FILTERS: ReadonlyMap<string, Filter> = new Map([
  ...TEXT_FILTERS,
  ...LIST_FILTERS,
  ...SELECT_FILTERS,
  ...NUMBER_FILTERS,
]);
