/** Bodies of requests held against their schemas. */
import { Validator } from "@cfworker/json-schema";

import { badRequest } from "../errors/api-error.js";
import type { JsonSchema } from "./fields.js";

/** Checks bodies by one schema. */
export class BodyCheck {
  readonly #validator: Validator;

  constructor(schema: JsonSchema) {
    this.#validator = new Validator(schema, "2020-12", true);
  }

  /** @throws ApiError 400 that names the field */
  check(body: unknown): void {
    const { valid, errors } = this.#validator.validate(body);
    if (valid) return;
    // The outer errors only say that something within is wrong.
    let deepest = errors[0];
    for (const error of errors) {
      if (error.instanceLocation.length >= (deepest?.instanceLocation.length ?? 0)) deepest = error;
    }
    const param = deepest === undefined ? null : pathOf(deepest.instanceLocation);
    const where = param === null ? "the body" : param;
    throw badRequest(`Invalid value for ${where}: ${deepest?.error ?? "it does not fit the schema."}`, param);
  }
}

/** "#/messages/0/role" as "messages[0].role"; null for the body itself. */
function pathOf(pointer: string): string | null {
  const steps = pointer
    .split("/")
    .slice(1)
    .map((step) => decodeURIComponent(step).replaceAll("~1", "/").replaceAll("~0", "~"));
  if (steps.length === 0) return null;
  return steps
    .map((step, index) => (/^\d+$/.test(step) ? `[${step}]` : index === 0 ? step : `.${step}`))
    .join("");
}
