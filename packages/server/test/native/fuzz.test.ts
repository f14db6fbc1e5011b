import { Validator, type Schema as VSchema } from "@cfworker/json-schema";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ContinuousBatchingPipeline, TextEmbeddingPipeline, TextRerankPipeline } from "openvino-llm";
import { fileURLToPath } from "node:url";
import { chainModel } from "../../../../test/helpers/chain.js";
import { LlmServer } from "../../lib/index.js";
import { eventsOf } from "../helpers/served.js";

// Bodies drawn from the schemas that the server publishes, and what is like them.

const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../../test/fixtures/${name}`, import.meta.url));

let llm: ContinuousBatchingPipeline;
let embedder: TextEmbeddingPipeline;
let reranker: TextRerankPipeline;
let server: LlmServer;
const errors: object[] = [];
beforeAll(async () => {
  llm = await ContinuousBatchingPipeline.load(await chainModel());
  embedder = await TextEmbeddingPipeline.load(fixture("tiny-bert"));
  reranker = await TextRerankPipeline.load(fixture("tiny-reranker"));
  server = await LlmServer.start({
    models: [
      { name: "chain", llm },
      { name: "vectors", pipeline: embedder },
      { name: "order", pipeline: reranker },
    ],
    port: 0,
    log: { info: () => undefined, warn: () => undefined, error: (fields) => void errors.push(fields) },
  });
  await server.ready;
});
afterAll(async () => {
  await server.close();
  await Promise.all([llm.close(), embedder.close(), reranker.close()]);
});

interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

/** Values that a schema describes, with some that it does not. */
function valueOf(schema: Schema): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 40, arbitrary: described(schema) }, { weight: 1, arbitrary: fc.jsonValue() });
}

function described(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map(valueOf));
  if (Array.isArray(schema.type)) {
    return fc.oneof(...(schema.type as string[]).map((type) => described({ ...schema, type })));
  }
  switch (schema.type) {
    case "integer":
      return fc.integer({
        min: schema.minimum ?? -(2 ** 40),
        max: Math.min(schema.maximum ?? 2 ** 40, 2 ** 40),
      });
    case "number":
      return fc.double({
        min: schema.minimum ?? schema.exclusiveMinimum ?? -10,
        max: schema.maximum ?? schema.exclusiveMaximum ?? 10,
        noNaN: true,
      });
    case "string":
      return fc.oneof(
        fc.string({ maxLength: 20, unit: "binary" }),
        fc.constantFrom("user", "text", "chain", "function", "f"),
      );
    case "boolean":
      return fc.boolean();
    case "array":
      return fc.array(valueOf(schema.items ?? {}), { maxLength: 3 });
    case "object":
      return objectOf(schema);
    case "null":
      return fc.constant(null);
    default:
      return fc.jsonValue();
  }
}

function objectOf({ properties, required = [] }: Schema): fc.Arbitrary<unknown> {
  if (properties === undefined)
    return fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue(), { maxKeys: 3 });
  const fields = Object.entries(properties).map(([name, schema]) => [name, valueOf(schema)] as const);
  const optional = fields.filter(([name]) => !required.includes(name)).map(([name]) => name);
  // Few at a time: with all of them every body would be refused for one of them.
  return fc
    .subarray(optional, { maxLength: Math.min(4, optional.length) })
    .chain((chosen) =>
      fc.record(
        Object.fromEntries(fields.filter(([name]) => required.includes(name) || chosen.includes(name))),
      ),
    );
}

type Described = Readonly<Record<string, { readonly schema: VSchema }>>;

interface OpenApi {
  readonly components: { readonly schemas: Readonly<Record<string, VSchema>> };
  readonly paths: Readonly<
    Record<
      string,
      {
        readonly post?: {
          readonly requestBody: { readonly content: Record<string, { readonly schema: Schema }> };
          readonly responses: Readonly<Record<"200" | "default", { readonly content: Described }>>;
        };
      }
    >
  >;
}

/** So that a case is over soon. */
function bounded(body: unknown): unknown {
  if (typeof body !== "object" || body === null || Array.isArray(body)) return body;
  const { n, max_tokens: limit, ...rest } = body as Record<string, unknown>;
  return {
    ...rest,
    ...(n === undefined ? {} : { n: typeof n === "number" && n > 0 ? (n % 3) + 1 : n }),
    max_tokens: typeof limit === "number" && limit > 0 ? (limit % 20) + 1 : (limit ?? 5),
  };
}

it(
  "no body makes an error of the server or an answer that is not as documented, or leaves the engine with something to do",
  { timeout: 120_000 },
  async () => {
    const { paths, components } = (await (await fetch(`${server.url}/openapi.json`)).json()) as OpenApi;
    const posts = Object.entries(paths).flatMap(([path, { post }]) => {
      const schema = post?.requestBody.content["application/json"]?.schema;
      if (post === undefined || schema === undefined) return [];
      const validator = (status: "200" | "default") =>
        new Validator({ components, ...post.responses[status].content["application/json"]?.schema });
      return [{ path, schema, answers: validator("200"), refusals: validator("default") }];
    });
    expect(posts.length).toBeGreaterThanOrEqual(10);
    const statuses = new Map<number, number>();
    for (const { path, schema, answers, refusals } of posts) {
      await fc.assert(
        fc.asyncProperty(valueOf(schema), async (drawn) => {
          const body = JSON.stringify(bounded(drawn));
          const answer = await fetch(`${server.url}${path}`, { method: "POST", body });
          const text = await answer.text();
          statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
          expect([200, 400, 404], `${path} ${body} ${text}`).toContain(answer.status);
          const isStream = answer.headers.get("content-type")?.startsWith("text/event-stream") === true;
          const events = isStream ? eventsOf(text) : [JSON.parse(text) as unknown];
          expect(events.length).toBeGreaterThan(0);
          const validator = answer.status === 200 ? answers : refusals;
          if (!isStream) expect(validator.validate(events[0]).errors, `${path} ${body} ${text}`).toEqual([]);
          expect(errors, body).toEqual([]);
        }),
        { numRuns: 60, seed: 7 },
      );
    }
    // Neither all refused nor all taken.
    expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 400]));
    expect(llm.metrics()).toMatchObject({ running: 0, waiting: 0, cacheUsagePercent: 0 });
    expect(server.state).toBe("ready");
  },
);
