/**
 * A server with OpenAI's endpoints that answers by a script and keeps the times at which it wrote. Run as a program it is a
 * process of its own: `node mock-openai-server.mjs '{"ttftMs":50,"tpotMs":10}'` prints its URL; with `slowTpotMs` every second
 * request has that instead. `GET /log` gives the requests with the times at which they were answered.
 */
import { once } from "node:events";
import { createServer } from "node:http";
import process from "node:process";
import { isMain } from "../../../../scripts/is-main.mjs";

/** The monotonic clock, the same one in every process. */
export function clockMs() {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
}

/** One event of a stream. */
export const event = (data) => `data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;

/** A chunk of text as the endpoint of a request has it. */
export function textChunk({ path }, text, finishReason = null) {
  const content = path.endsWith("/chat/completions") ? { delta: { content: text } } : { text };
  return event({ id: "mock", choices: [{ index: 0, ...content, finish_reason: finishReason }] });
}

/** The chunk at the end that counts tokens. */
export function usageChunk(promptTokens, completionTokens, more = {}) {
  const usage = { prompt_tokens: promptTokens, completion_tokens: completionTokens, ...more };
  return event({ id: "mock", choices: [], usage });
}

/** Tokens of a prompt: ids, or words. */
export function promptTokensOf({ body }) {
  if (Array.isArray(body.prompt)) return body.prompt.length;
  const text = body.prompt ?? body.messages.map(({ content }) => content).join(" ");
  return text.split(/\s+/).length;
}

/** The first token after `ttftMs`, then one every `tpotMs`, as many as are asked for; usage and [DONE] at the end. */
export function steady(request, { ttftMs = 0, tpotMs = 0 } = {}) {
  const count = request.body.max_completion_tokens ?? request.body.max_tokens;
  const lastMs = ttftMs + (count - 1) * tpotMs;
  const tokens = Array.from({ length: count }, (_, index) => ({
    atMs: ttftMs + index * tpotMs,
    bytes: textChunk(request, ` t${index}`, index === count - 1 ? "length" : null),
  }));
  const end = `${usageChunk(promptTokensOf(request), count)}${event("[DONE]")}`;
  return { parts: [...tokens, { atMs: lastMs, bytes: end }] };
}

/** Starts one on a free port of the loopback interface. */
export async function startMockServer({ answer = steady, models = [{ id: "mock" }], port = 0 } = {}) {
  const requests = [];
  const state = { connections: 0, open: 0 };
  const server = createServer((incoming, response) => {
    void respond(incoming, response).catch((error) => response.destroy(error));
  });
  server.on("connection", (socket) => {
    state.connections += 1;
    state.open += 1;
    socket.on("close", () => (state.open -= 1));
  });

  async function respond(incoming, response) {
    const path = new URL(incoming.url, "http://mock").pathname;
    if (path.endsWith("/models"))
      return json(response, { object: "list", data: models ?? [] }, models === null ? 404 : 200);
    if (path === "/version") return json(response, { version: "1.2.3" });
    if (path === "/log") return json(response, requests);
    let text = "";
    for await (const part of incoming.setEncoding("utf8")) text += part;
    const request = { path, headers: incoming.headers, body: text === "" ? {} : JSON.parse(text) };
    const entry = { ...request, receivedMs: clockMs(), writtenMs: [], isCut: false };
    requests.push(entry);
    response.on("close", () => (entry.isCut = !response.writableFinished));
    await play(answer(request), entry, response);
  }

  await once(server.listen(port, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    requests,
    state,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function json(response, value, status = 200) {
  response.writeHead(status, { server: "mock", "content-type": "application/json" });
  response.end(JSON.stringify(value));
}

/** Writes the parts of a script at their times, which count from when the request had come. */
async function play(
  { status = 200, headers = {}, headersAtMs = 0, parts = [], end = "end" },
  entry,
  response,
) {
  const until = async (atMs) => {
    for (;;) {
      const leftMs = entry.receivedMs + atMs - clockMs();
      if (leftMs <= 0) return;
      await new Promise((resolve) => setTimeout(resolve, leftMs));
    }
  };
  await until(headersAtMs);
  response.writeHead(status, { "content-type": "text/event-stream", ...headers });
  response.flushHeaders();
  for (const { atMs = 0, bytes } of parts) {
    await until(atMs);
    if (response.destroyed) return;
    entry.writtenMs.push(clockMs());
    // The next part in a read of its own, so that it is a chunk of its own at the client too.
    await new Promise((resolve) => response.write(bytes, resolve));
  }
  if (end === "end") response.end();
  if (end === "destroy") response.destroy();
}

if (isMain(import.meta.url)) {
  const timing = JSON.parse(process.argv[2] ?? "{}");
  const { slowTpotMs = timing.tpotMs } = timing;
  let count = 0;
  const answer = (request) => {
    count += 1;
    return steady(request, { ...timing, tpotMs: count % 2 === 0 ? slowTpotMs : timing.tpotMs });
  };
  const { url } = await startMockServer({ answer });
  process.stdout.write(`${url}\n`);
}
