/** The matrix as one call: makes the models, runs the reference and then the cases, and judges. */
import { referencesOf } from "./cases.mjs";
import { judge } from "./judge.mjs";
import { makeModels, modelName } from "./models.mjs";
import { runCases } from "./run.mjs";

/**
 * @param {import("./cases.mjs").Case[]} cases
 * @param {string} root a folder for the models, which are left there
 * @param {(result: object) => void} [onResult]
 * @returns in the order of the cases: section, setting and model, the verdict, and what there is to say of it
 */
export async function runMatrix(cases, root, onResult = () => {}) {
  await makeModels(
    root,
    cases.map(({ model }) => model),
  );
  await runCases(referencesOf(cases), root, ({ model }, { error, signal }) => {
    if (error ?? signal) throw new Error(`f32 failed with ${modelName(model)}: ${error ?? signal}`);
  });
  const results = new Map(cases.map((one) => [one, undefined]));
  await runCases(cases, root, (one, outcome) => {
    const { section, setting, model } = one;
    const result = { section, setting, model: modelName(model), ...judge(one, outcome) };
    // It ended a process that others had run in before it, and none of its own.
    if (outcome.after !== undefined) result.after = outcome.after.signal;
    results.set(one, result);
    onResult(result);
  });
  return [...results.values()];
}
