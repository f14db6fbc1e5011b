/** Figures that show whether logits are those of the reference. Pure. */

/** Logits of the same tokens, in rows of `vocabSize`. */
export interface LogitsComparison {
  /** Root mean square of the differences by that of the reference; infinite where a number is not finite. */
  readonly relativeError: number;
  /** Every number is finite. */
  readonly isFinite: boolean;
  /** Rows: positions of the text. */
  readonly rows: number;
  /** Rows in which the same token is the best: greedy decoding would say it. */
  readonly sameRows: number;
  /** Rows in which the reference's best token stands out: by half of the row's standard deviation or more. */
  readonly clearRows: number;
  /** Clear rows in which the same token is the best. */
  readonly agreeingRows: number;
}

/** In standard deviations of a row: what separates its best token from the second one where that is beyond doubt. */
const CLEAR_MARGIN = 0.5;

/** Compares rows of logits; both arrays have the same length. */
export function compareLogits(
  values: Float32Array,
  reference: Float32Array,
  vocabSize: number,
): LogitsComparison {
  const error = relativeErrorOf(values, reference);
  const rows = reference.length / vocabSize;
  let [sameRows, clearRows, agreeingRows] = [0, 0, 0];
  for (let row = 0; row < rows; row++) {
    const [begin, end] = [row * vocabSize, (row + 1) * vocabSize];
    const right = reference.subarray(begin, end);
    const { best, margin } = bestOf(right);
    const isSame = bestOf(values.subarray(begin, end)).best === best;
    if (isSame) sameRows++;
    if (margin < CLEAR_MARGIN * deviationOf(right)) continue;
    clearRows++;
    if (isSame) agreeingRows++;
  }
  return { relativeError: error, isFinite: Number.isFinite(error), rows, sameRows, clearRows, agreeingRows };
}

/** The place of the largest logit of a row, and by how much it is above the second largest. */
export function bestOf(row: Float32Array): { best: number; margin: number } {
  let [best, first, second] = [0, -Infinity, -Infinity];
  for (const [place, value] of row.entries()) {
    if (value > first) [best, first, second] = [place, value, first];
    else if (value > second) second = value;
  }
  return { best, margin: first - second };
}

/** The standard deviation of a row. */
export function deviationOf(row: Float32Array): number {
  const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
  return Math.sqrt(row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length);
}

/** Root mean square of the differences by that of the reference; infinite where a number is not finite. */
export function relativeErrorOf(values: Float32Array, reference: Float32Array): number {
  let [difference, size] = [0, 0];
  for (const [place, right] of reference.entries()) {
    difference += ((values[place] ?? Number.NaN) - right) ** 2;
    size += right ** 2;
  }
  if (!Number.isFinite(difference)) return Infinity;
  return difference === 0 ? 0 : Math.sqrt(difference / size);
}
