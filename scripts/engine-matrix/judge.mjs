/** From the figures of a case to a verdict. */

/** From the worst to the best. */
export const VERDICTS = ["crash", "not finite", "wrong", "error", "right"];

/**
 * Relative errors of logits above which an answer is wrong. Right ones have 0.03 at most in the llamas here, by rounding to
 * bf16, INT8 caches or INT8 activations, 0.07 in tiny-phi3, and 0.16 with 4-bit caches; wrong ones have 0.79 or more. In a
 * mixture of experts a little rounding may choose another expert, so that whole rows differ: up to 0.31 where all is right.
 */
const LIMIT = { plain: 0.15, cache4: 0.5, experts: 0.7 };

/**
 * By how much, in standard deviations of its logits, the worst token of an answer may be below the best one. Right ones
 * have 0.08 at most, 1.4 with 4-bit caches or experts, 2.7 with both; in wrong ones, which choose at random, the worst of
 * 16 tokens is below by 1.4 and more in the llamas, by 3.7 with experts.
 */
const DEFICIT_LIMIT = { plain: 0.5, cache4: 1.8, experts: 3 };

/** The verdict, and what there is to say of it: a signal, a message, the largest error. */
export function judge(one, outcome) {
  if (outcome.signal !== undefined) return { verdict: "crash", what: outcome.signal };
  if (outcome.error !== undefined) return { verdict: "error", what: shortMessage(outcome.error) };
  const kind = kindOf(one);
  if (outcome.deficits !== undefined) {
    const worst = Math.max(...outcome.deficits);
    return { verdict: worst > DEFICIT_LIMIT[kind] ? "wrong" : "right", what: worst };
  }
  if (outcome.errors.includes("infinite")) return { verdict: "not finite", what: outcome.errors.join(" ") };
  const worst = Math.max(...outcome.errors);
  return { verdict: worst > LIMIT[kind] ? "wrong" : "right", what: worst };
}

function kindOf({ model, properties }) {
  if (String(model.base).includes("gpt-oss")) return "experts";
  return properties.KV_CACHE_PRECISION === "u4" ? "cache4" : "plain";
}

/** The line of OpenVINO's message that says what is wrong, without places in its build and numbers of nodes. */
function shortMessage(message) {
  const lines = message
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("Exception from"));
  const cause = lines.findLast((line) => !line.startsWith("Check '")) ?? lines.at(-1) ?? message;
  return cause
    .replace(/ failed at \S+:\d+:?/g, " failed")
    .replace(/_\d+\b/g, "")
    .slice(0, 160);
}
