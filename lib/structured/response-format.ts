/** What an answer can be asked to be, and what TypeScript can infer from it. */

/**
 * A JSON Schema as a plain object, of draft 2020-12 (or 7, where `$schema` says so). Its references point into it, and its
 * expressions have no back-references: anything else is ERR_INVALID_SCHEMA before anything runs.
 */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** What a schema's `validate` gives. */
export type StandardResult<Output> =
  | {
      /** What the schema makes of the value. */
      readonly value: Output;
      /** None. */
      readonly issues?: undefined;
    }
  | {
      /** What is wrong with the value. */
      readonly issues: readonly StandardIssue[];
    };

/** One thing that is wrong with a value. */
export interface StandardIssue {
  /** In words. */
  readonly message: string;
  /** Where in the value. */
  readonly path?: readonly (PropertyKey | StandardPathPart)[] | undefined;
}

/** A step on the way to a part of a value. */
export interface StandardPathPart {
  /** The property or the index. */
  readonly key: PropertyKey;
}

/** The types of a schema, for the compiler alone. */
export interface StandardTypes<Output> {
  /** What `validate` takes. */
  readonly input: unknown;
  /** What it gives. */
  readonly output: Output;
}

/** Gives the JSON Schema of a schema. */
export interface StandardJsonSchema {
  /** That of what `validate` takes. */
  readonly input: (options: StandardJsonSchemaOptions) => Record<string, unknown>;
}

/** The options with which a JSON Schema is requested. */
export interface StandardJsonSchemaOptions {
  /** The draft. */
  readonly target: "draft-2020-12";
}

/**
 * A schema of a validation library by the Standard Schema interface, which can give its JSON Schema too
 * (https://standardschema.dev/json-schema): zod from 4.2, ArkType, Valibot with its JSON Schema package and others.
 */
export interface StandardSchema<Output = unknown> {
  /** The interface. */
  readonly "~standard": {
    /** Checks a value; the answer's `object` is what it gives. */
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    /** For the compiler alone. */
    readonly types?: StandardTypes<Output> | undefined;
    /** The JSON Schema of what `validate` takes. */
    readonly jsonSchema?: StandardJsonSchema;
  };
}

/** The answer is JSON that fits a schema, or any JSON without one. */
export interface JsonFormat {
  /** JSON. */
  readonly type: "json";
  /** A JSON Schema, or a schema of zod or another library by the Standard Schema interface. Default: any JSON. */
  readonly schema?: JsonSchema | StandardSchema | undefined;
  /**
   * What `additionalProperties` is where a schema does not say: whether an object may have properties beside those that its
   * schema names. Where it names none at all, it may have any. Default false.
   */
  readonly additionalProperties?: boolean | undefined;
}

/** The whole answer matches a regular expression, or follows a grammar. */
export interface TextFormat {
  /**
   * "regex": JavaScript's syntax, without look-around, back-references and `\p`. "ebnf": rules `name ::= …` as GGML has
   * them; the first is `root`.
   */
  readonly type: "regex" | "ebnf";
  /** The expression or the rules. */
  readonly value: string;
}

/** Parts of the answer follow grammars, as XGrammar's structural tags say. */
export interface StructuralTagFormat {
  /** XGrammar's structural tag. */
  readonly type: "structural_tag";
  /** `{ type: "structural_tag", format: … }`. */
  readonly value: Readonly<Record<string, unknown>>;
}

/** What an answer must be. */
export type ResponseFormat = JsonFormat | TextFormat | StructuralTagFormat;

/** The type of a result's `object` for a response format: undefined for those that give none. */
export type ObjectOf<Format> =
  Format extends Readonly<Record<"type", "json">>
    ? Format extends Readonly<Record<"schema", infer Schema>>
      ? InferSchema<Schema>
      : unknown
    : undefined;

/** What a schema describes: by its library, or read off a JSON Schema that is written out. */
export type InferSchema<Schema> =
  Schema extends StandardSchema<infer Output> ? Output : InferJsonSchema<Schema>;

/** What a JSON Schema describes, as far as its usual keywords say; unknown where they do not. */
export type InferJsonSchema<Schema> =
  Schema extends Readonly<Record<"const", infer Value>>
    ? Value
    : Schema extends Readonly<Record<"enum", readonly (infer Value)[]>>
      ? Value
      : Schema extends Readonly<Record<"anyOf", readonly (infer Option)[]>>
        ? InferJsonSchema<Option>
        : Schema extends Readonly<Record<"oneOf", readonly (infer Option)[]>>
          ? InferJsonSchema<Option>
          : Schema extends Readonly<Record<"type", readonly (infer Name)[]>>
            ? InferTypeNamed<Name, Schema>
            : Schema extends Readonly<Record<"type", infer Name>>
              ? InferTypeNamed<Name, Schema>
              : unknown;

/** What one `type` of a JSON Schema stands for, with the keywords that belong to it. */
export type InferTypeNamed<Name, Schema> = Name extends "string"
  ? string
  : Name extends "number" | "integer"
    ? number
    : Name extends "boolean"
      ? boolean
      : Name extends "null"
        ? null
        : Name extends "array"
          ? Schema extends Readonly<Record<"prefixItems", unknown>>
            ? unknown[]
            : Schema extends Readonly<Record<"items", infer Items>>
              ? InferJsonSchema<Items>[]
              : unknown[]
          : Name extends "object"
            ? Schema extends Readonly<
                Record<"properties", infer Properties> & Record<"required", readonly (infer Key)[]>
              >
              ? InferProperties<Properties, Key>
              : Schema extends Readonly<Record<"properties", infer Properties>>
                ? InferProperties<Properties, never>
                : Record<string, unknown>
            : unknown;

/** The properties of an object, those that are not `Required` optional. */
export type InferProperties<Properties, Required> = {
  -readonly [Key in keyof Properties as Key & Required]: InferJsonSchema<Properties[Key]>;
} & {
  -readonly [Key in Exclude<keyof Properties, Required>]?: InferJsonSchema<Properties[Key]>;
} extends infer Whole
  ? { [Key in keyof Whole]: Whole[Key] }
  : never;
