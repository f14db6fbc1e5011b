/** Pieces of JSON Schemas. The same objects check the requests and are published as OpenAPI. */

/** A JSON Schema of draft 2020-12, as a plain object. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A field that may be null, which stands for leaving it out. */
export function nullable(schema: JsonSchema): JsonSchema {
  const { type, enum: values } = schema;
  if (type === undefined) return { anyOf: [schema, { type: "null" }] };
  return {
    ...schema,
    type: Array.isArray(type) ? [...(type as unknown[]), "null"] : [type, "null"],
    ...(Array.isArray(values) ? { enum: [...(values as unknown[]), null] } : {}),
  };
}

/** An integer of a range. */
export function integerField(minimum: number, maximum: number, description: string): JsonSchema {
  return nullable({ type: "integer", minimum, maximum, description });
}

/** A number of a range. */
export function numberField(minimum: number, maximum: number, description: string): JsonSchema {
  return nullable({ type: "number", minimum, maximum, description });
}

/** A boolean. */
export function booleanField(description: string): JsonSchema {
  return nullable({ type: "boolean", description });
}

/** A text. */
export function textField(description: string): JsonSchema {
  return nullable({ type: "string", description });
}
