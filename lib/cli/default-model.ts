/** The model that the commands use where none is named: the one that the set-up of a checkout fetches. */
export const DEFAULT_MODEL = "smollm2-135m-instruct";
