/** The child process of {@link evaluateText}: feeds a model a text, and keeps of the logits what shows how good they are. */
import { openBinding } from "../native/binding.js";
import type { NativeLogitsOptions } from "../native/native-logits.js";
import { answerParent } from "../host/kernels/logged-child.js";

/** What it answers: a value for each token of the text that has a next one. */
export interface EvaluationAnswer {
  /** Minus the natural logarithm of the probability of the token that really follows. */
  readonly losses: readonly number[];
  /** The most probable next token. */
  readonly greedyIds: readonly number[];
}

async function run(options: NativeLogitsOptions): Promise<EvaluationAnswer> {
  const { logits, vocabSize } = await openBinding().core.modelLogits(options);
  const losses: number[] = [];
  const greedyIds: number[] = [];
  for (const [row, next] of options.tokenIds.slice(1).entries()) {
    const values = logits.subarray(row * vocabSize, (row + 1) * vocabSize);
    const best = largestOf(values);
    greedyIds.push(best);
    losses.push(lossOf(values, next, values[best] ?? 0));
  }
  return { losses, greedyIds };
}

/** Plain loops: there are tens of millions of logits. */
function largestOf(values: Float32Array): number {
  let best = 0;
  for (let id = 1; id < values.length; id++) if ((values[id] ?? 0) > (values[best] ?? 0)) best = id;
  return best;
}

/** The largest logit is taken out, so that no power overflows. NaN where a logit is not finite. */
function lossOf(values: Float32Array, next: number, largest: number): number {
  let sum = 0;
  for (let id = 0; id < values.length; id++) sum += Math.exp((values[id] ?? 0) - largest);
  return largest + Math.log(sum) - (values[next] ?? Number.NaN);
}

answerParent((task) => run(task as NativeLogitsOptions));
