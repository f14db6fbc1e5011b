/** The level that the article compares models at. */
const PREFERRED_LEVEL = 8;

/**
 * The level to compare at: 8 where all have it, else the highest that all have. Null where they have none in common.
 *
 * @param levels - what was measured, of each that is compared
 */
export function chosenLevel(levels: ReadonlyArray<readonly number[]>): number | null {
  const [first = [], ...others] = levels;
  const common = first.filter((level) => others.every((own) => own.includes(level)));
  if (common.length === 0) return null;
  return common.includes(PREFERRED_LEVEL) ? PREFERRED_LEVEL : Math.max(...common);
}
