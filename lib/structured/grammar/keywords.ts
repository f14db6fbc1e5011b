/** The keywords of JSON Schema that ask something of a value, by what they are about. */

export const OBJECT_KEYWORDS = [
  "properties",
  "patternProperties",
  "additionalProperties",
  "unevaluatedProperties",
  "propertyNames",
  "required",
  "minProperties",
  "maxProperties",
];

export const ARRAY_KEYWORDS = [
  "items",
  "prefixItems",
  "additionalItems",
  "unevaluatedItems",
  "minItems",
  "maxItems",
  "contains",
  "uniqueItems",
];

/** What a schema asks that is no choice. */
export const OWN_KEYWORDS = [
  ...OBJECT_KEYWORDS,
  ...ARRAY_KEYWORDS,
  "type",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minLength",
  "maxLength",
  "pattern",
  "format",
];

/** All that asks something of a value itself. */
export const ASSERTIONS = [
  ...OWN_KEYWORDS,
  "const",
  "enum",
  "not",
  "anyOf",
  "oneOf",
  "if",
  "dependencies",
  "dependentRequired",
  "dependentSchemas",
];
