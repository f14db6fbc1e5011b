/** Schemas in all forms that LangChain takes, and how a value is held against one. */
import { toJsonSchema } from "@langchain/core/utils/json_schema";
import { isSerializableSchema, type SerializableSchema } from "@langchain/core/utils/standard_schema";
import { interopParseAsync, isInteropZodSchema, type InteropZodType } from "@langchain/core/utils/types";
import type { JsonSchema } from "openvino-llm";

import { plainSchema } from "../calls/tools.js";
import { invalidArgType } from "../errors/errors.js";

/** An object of an answer, as LangChain's declarations have it: of `any`, which interfaces are too. */
// oxlint-disable-next-line typescript/no-explicit-any
export type AnswerObject = Record<string, any>;

/** A schema of zod (3 or 4), of a library by the Standard Schema interface, or a JSON Schema. */
export type OutputSchema<Output extends AnswerObject> =
  InteropZodType<Output> | SerializableSchema<Output> | AnswerObject;

/** A schema for the engine, and what its library makes of a value. */
export interface CheckedSchema {
  readonly json: JsonSchema;
  /** Throws what is wrong with the value. Undefined for a JSON Schema: the engine has judged by it. */
  readonly parse: ((value: unknown) => Promise<unknown>) | undefined;
}

/** @throws TypeError for what is no schema */
export function checkSchema(schema: OutputSchema<AnswerObject>): CheckedSchema {
  if (isInteropZodSchema(schema)) {
    return { json: plainSchema(schema), parse: (value) => interopParseAsync(schema, value) };
  }
  if (isSerializableSchema(schema)) {
    const parse = async (value: unknown): Promise<unknown> => {
      const checked = await schema["~standard"].validate(value);
      if (checked.issues === undefined) return checked.value;
      throw new Error(checked.issues.map(({ message }) => message).join("; "));
    };
    return { json: plainSchema(toJsonSchema(schema)), parse };
  }
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) {
    throw invalidArgType(
      "schema",
      "a schema of zod or with the Standard Schema interface, or a JSON Schema",
      schema,
    );
  }
  return { json: schema, parse: undefined };
}
