/** Figures that show whether logits and tokens are those of the reference. */
import { bestOf, deviationOf, relativeErrorOf } from "../../dist/doctor/compare-logits.js";

/**
 * Compares rows of logits.
 * @param {Float32Array} values
 * @param {Float32Array} reference
 * @param {number} vocabSize
 * @param {number[]} ends where prefill, decoding and the batch end, in rows
 * @returns `errors`: of each of these, the root mean square of the difference by that of the reference, a number that is not
 *   finite counting as infinite; `clear`: rows whose best token stands out in the reference; `missed`: those of them in which
 *   another token is the best
 */
export function compareLogits(values, reference, vocabSize, ends) {
  const errors = ends.map((end, index) =>
    relativeError(values, reference, (ends[index - 1] ?? 0) * vocabSize, end * vocabSize),
  );
  let [clear, missed] = [0, 0];
  for (let row = 0; row < ends.at(-1); row++) {
    const span = [row * vocabSize, (row + 1) * vocabSize];
    const { best, margin } = bestOf(reference.subarray(...span));
    if (margin < CLEAR_MARGIN * deviationOf(reference.subarray(...span))) continue;
    clear++;
    if (bestOf(values.subarray(...span)).best !== best) missed++;
  }
  return { errors, clear, missed };
}

/** In standard deviations of a row: what separates its best token from the second one where that is beyond doubt. */
const CLEAR_MARGIN = 0.5;

/** For each token by how much its logit is below the best one of its row, in standard deviations of the row. */
export function deficits(reference, vocabSize, tokens) {
  return tokens.map((token, row) => {
    const logits = reference.subarray(row * vocabSize, (row + 1) * vocabSize);
    return rounded((logits[bestOf(logits).best] - logits[token]) / deviationOf(logits));
  });
}

function relativeError(values, reference, begin, end) {
  const error = relativeErrorOf(values.subarray(begin, end), reference.subarray(begin, end));
  return Number.isFinite(error) ? rounded(error) : "infinite";
}

function rounded(value) {
  return Number(value.toPrecision(3));
}
