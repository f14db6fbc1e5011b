/** POST /v1/embeddings. */
import { badRequest } from "../../errors/api-error.js";
import { COUNT, has, listOf, NUMBER, only, TEXT } from "../../schema/answers.js";
import { integerField, nullable, textField, type JsonSchema } from "../../schema/fields.js";
import { openAiError } from "../openai/openai-error.js";
import type { Operation } from "../operation.js";

interface EmbeddingsBody {
  readonly model?: string | null;
  readonly input: string | readonly string[];
  readonly encoding_format?: "float" | "base64" | null;
  readonly dimensions?: number | null;
}

const SCHEMA: JsonSchema = {
  type: "object",
  properties: {
    model: textField("The model's name; may be left out where one of its kind is served."),
    input: {
      anyOf: [
        { type: "string", minLength: 1 },
        { type: "array", items: { type: "string", minLength: 1 }, minItems: 1, maxItems: 2048 },
      ],
      description: "Texts. Token ids are not taken: they are of another model's vocabulary mostly.",
    },
    encoding_format: nullable({ type: "string", enum: ["float", "base64"] }),
    dimensions: integerField(1, 2 ** 31 - 1, "Those of the model, or left out."),
  },
  required: ["input"],
};

export const embeddings: Operation<EmbeddingsBody> = {
  id: "createEmbedding",
  summary: "Vectors for texts",
  tracedAs: "embeddings",
  schema: SCHEMA,
  answer: has({
    object: only("list"),
    data: listOf(
      has({ object: only("embedding"), index: COUNT, embedding: { anyOf: [listOf(NUMBER), TEXT] } }),
    ),
    model: TEXT,
    usage: has({ prompt_tokens: COUNT, total_tokens: COUNT }),
  }),
  errorBody: openAiError,
  run: async ({ model: name, input, encoding_format: format, dimensions }, { models, signal, trace }) => {
    const { model, pipeline } = models.findEmbedding(name);
    trace.asked(model.name, [], false);
    if ((dimensions ?? pipeline.dimensions) !== pipeline.dimensions) {
      throw badRequest(`This model has ${pipeline.dimensions} dimensions and no others.`, "dimensions");
    }
    const texts = typeof input === "string" ? [input] : input;
    const vectors = await model.run(() => pipeline.embedDocuments(texts, { signal }));
    const tokens = await model.countTokens(texts);
    trace.readTokens(tokens);
    return {
      kind: "whole",
      body: {
        object: "list",
        data: vectors.map((vector, index) => ({
          object: "embedding",
          index,
          embedding: format === "base64" ? base64Of(vector) : Array.from(vector),
        })),
        model: model.name,
        usage: { prompt_tokens: tokens, total_tokens: tokens },
      },
    };
  },
};

/** 32-bit floats, the lowest byte first. */
function base64Of(vector: Float32Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString("base64");
}
