/** From what a run of a model gave to a verdict and a sentence. Pure. */
import { cleanNativeMessage } from "../native/native-errors.js";
import type { LogitsComparison } from "./compare-logits.js";

/** Whether a model runs correctly. */
export interface ModelVerdict {
  /** It ran, and its logits are those in f32 but for rounding. */
  readonly ok: boolean;
  /** "crashed": a signal ended the process. "failed": an error. "wrong": other answers than in f32, or none. */
  readonly verdict: "right" | "wrong" | "crashed" | "failed";
  /** What that means, a sentence. */
  readonly message: string;
  /** Null where it did not run. */
  readonly comparison: LogitsComparison | null;
}

/**
 * Of the rows in which the reference's token stands out, the part that must agree. Rounding to bf16 and 8-bit activations
 * change none or one in a hundred; random answers agree in none.
 */
const MIN_AGREEMENT = 0.8;
/** Fewer clear rows say nothing: models with random weights have few. */
const MIN_CLEAR_ROWS = 8;
/** Right ones of random weights had 0.13 with a 4-bit cache and 0.4 where a rounded router chose other experts; wrong ones 1.2. */
const MAX_ERROR = 0.7;

/** How a run ended that gave no logits. */
export interface RunFailure {
  readonly signal: NodeJS.Signals | null;
  readonly message: string;
}

/** The verdict on a run: a failure, or its logits compared with those in f32. */
export function judgeModel(failure: RunFailure | null, comparison: LogitsComparison | null): ModelVerdict {
  if (comparison === null) {
    const { signal, message } = failure ?? { signal: null, message: "no logits came" };
    if (signal === null || signal === "SIGKILL") {
      const cleaned = cleanNativeMessage(message);
      return { ok: false, verdict: "failed", message: `It does not run: ${cleaned}`, comparison };
    }
    return { ok: false, verdict: "crashed", message: `It ends the process with ${signal}.`, comparison };
  }
  const { isFinite, relativeError, rows, sameRows, clearRows, agreeingRows } = comparison;
  if (!isFinite) {
    const message = "It answers nonsense: some logits are not finite.";
    return { ok: false, verdict: "wrong", message, comparison };
  }
  const figures =
    `${sameRows} of ${rows} greedy tokens are the same, ${agreeingRows} of the ${clearRows} that are no near tie; ` +
    `the logits differ by ${(relativeError * 100).toFixed(1)} %`;
  const disagrees = clearRows >= MIN_CLEAR_ROWS && agreeingRows / clearRows < MIN_AGREEMENT;
  if (disagrees || relativeError > MAX_ERROR) {
    return {
      ok: false,
      verdict: "wrong",
      message: `It answers otherwise than in f32: ${figures}.`,
      comparison,
    };
  }
  return { ok: true, verdict: "right", message: `It answers as in f32: ${figures}.`, comparison };
}
