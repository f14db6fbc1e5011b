/**
 * Arithmetic in which a model's numbers are rounded least, for tests that compare its text with Python's: where the same
 * prompts come one at a time to a new pipeline, both sides compute the same. Nothing else may expect equal texts of a
 * real model: the state of the prefix cache, what runs beside it and the number of threads change the rounding.
 */
export const EXACT_PROPERTIES = {
  INFERENCE_PRECISION_HINT: "f32",
  KV_CACHE_PRECISION: "f32",
  DYNAMIC_QUANTIZATION_GROUP_SIZE: 0,
} as const;
