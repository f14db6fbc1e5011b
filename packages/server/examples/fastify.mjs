// Models among the routes of a fastify app, as a plugin:
//
//   const pipeline = await ContinuousBatchingPipeline.load("smollm2-135m-instruct");
//   const handler = createHandler([{ name: "small", llm: pipeline }], { basePath: "/llm" });
//   const app = fastify();
//   app.register(llmRoutes, { prefix: "/llm", handler });
//   await app.listen({ port: 3000 });
//
// Clients are given http://localhost:3000/llm/v1. What the app asks of its own routes, by hooks, is asked of these too.
import { Readable } from "node:stream";

export async function llmRoutes(app, { handler }) {
  // The handler reads bodies by itself, and has its own limit for them.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (request, body, done) => done(null, body));

  app.all("/*", async ({ method, url, headers, body }, reply) => {
    const gone = new AbortController();
    reply.raw.once("close", () => gone.abort());
    const request = new Request(new URL(url, "http://localhost"), {
      method,
      headers,
      signal: gone.signal,
      ...(body === undefined ? {} : { body: Readable.toWeb(body), duplex: "half" }),
    });
    return reply.send(await handler(request));
  });
}
