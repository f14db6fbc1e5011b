/** POST /v1/rerank, as Cohere, Jina and OpenVINO Model Server have it, and /rerank, as routers want it. */
import type { RerankedDocument } from "openvino-llm";

import { COUNT, has, listOf, NUMBER, TEXT } from "../../schema/answers.js";
import { booleanField, integerField, textField, type JsonSchema } from "../../schema/fields.js";
import { newId } from "../openai/answer-identity.js";
import { openAiError } from "../openai/openai-error.js";
import type { CallContext, Operation } from "../operation.js";

type Document = string | { readonly text: string };

interface RerankBody {
  readonly model?: string | null;
  readonly query: string;
  readonly documents: readonly Document[];
  readonly top_n?: number | null;
  readonly return_documents?: boolean | null;
}

const SCHEMA: JsonSchema = {
  type: "object",
  properties: {
    model: textField("The model's name; may be left out where one of its kind is served."),
    query: { type: "string", minLength: 1 },
    documents: {
      type: "array",
      items: {
        anyOf: [
          { type: "string", minLength: 1 },
          { type: "object", properties: { text: { type: "string", minLength: 1 } }, required: ["text"] },
        ],
      },
      minItems: 1,
      maxItems: 2048,
    },
    top_n: integerField(1, 2 ** 31 - 1, "Documents to give at most, the best. Default all."),
    return_documents: booleanField("Give the texts too. Default false."),
  },
  required: ["query", "documents"],
};

export const rerank: Operation<RerankBody> = {
  id: "createRerank",
  summary: "Documents in the order of a query",
  tracedAs: "rerank",
  schema: SCHEMA,
  answer: has({
    id: TEXT,
    model: TEXT,
    results: listOf(has({ index: COUNT, relevance_score: NUMBER })),
    usage: has({ prompt_tokens: COUNT, total_tokens: COUNT }),
  }),
  errorBody: openAiError,
  run: async (body, context) => {
    const { name, ranked, tokens } = await ranking(body, context);
    return {
      kind: "whole",
      body: {
        id: newId("rerank-"),
        model: name,
        results: ranked.map(({ index, score }) => ({
          index,
          relevance_score: score,
          ...(body.return_documents === true
            ? { document: { text: textOf(body.documents[index] ?? "") } }
            : {}),
        })),
        usage: { prompt_tokens: tokens, total_tokens: tokens },
      },
    };
  },
};

export const rerankList: Operation<RerankBody> = {
  id: "rerankList",
  summary: "The same as a bare list",
  tracedAs: "rerank",
  schema: SCHEMA,
  answer: listOf(has({ index: COUNT, score: NUMBER })),
  errorBody: openAiError,
  run: async (body, context) => {
    const { ranked } = await ranking(body, context);
    return {
      kind: "whole",
      body: ranked.map(({ index, score }) => ({
        index,
        score,
        ...(body.return_documents === true ? { document: textOf(body.documents[index] ?? "") } : {}),
      })),
    };
  },
};

async function ranking(
  { model: name, query, documents, top_n: topN }: RerankBody,
  { models, signal, trace }: CallContext,
): Promise<{ name: string; ranked: readonly RerankedDocument[]; tokens: number }> {
  const { model, pipeline } = models.findReranker(name);
  trace.asked(model.name, [], false);
  const texts = documents.map(textOf);
  const ranked = await model.run(() => pipeline.rerank(query, texts, { topN: topN ?? texts.length, signal }));
  const tokens = await model.countTokens([query, ...texts]);
  trace.readTokens(tokens);
  return { name: model.name, ranked, tokens };
}

function textOf(document: Document): string {
  return typeof document === "string" ? document : document.text;
}
