import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { answerLine, batchRequestOf, errorLine, OUTPUT_BEGIN } from "../../lib/batch/batch-request.js";
import { retryAfterMs } from "../../lib/batch/batch-target.js";
import { IdSet } from "../../lib/batch/id-set.js";
import { readLines, type TextLine } from "../../lib/batch/read-lines.js";
import { newCounts } from "../../lib/batch/run-batch.js";
import { batchLine } from "../../lib/cli/batch-progress.js";

async function linesOf(pieces: readonly (string | Buffer)[], maxLineBytes = 100): Promise<TextLine[]> {
  const stream = Readable.from(pieces.map((piece) => Buffer.from(piece)));
  const lines: TextLine[] = [];
  for await (const line of readLines(stream, maxLineBytes)) lines.push(line);
  return lines;
}

describe("readLines", () => {
  it("puts together what comes in pieces, characters cut in two among them", async () => {
    const umlaut = Buffer.from("ä");
    expect(await linesOf(["a\nb", umlaut.subarray(0, 1), umlaut.subarray(1), "\n\nc"])).toEqual([
      { text: "a", number: 1, bytes: 2, isWhole: true },
      { text: "bä", number: 2, bytes: 4, isWhole: true },
      { text: "", number: 3, bytes: 1, isWhole: true },
      { text: "c", number: 4, bytes: 1, isWhole: false },
    ]);
  });

  it("does not gather a line without end", async () => {
    await expect(linesOf(["a\n", "b".repeat(60), "b".repeat(60)])).rejects.toThrow("line 2");
  });

  it("reads no further than it is asked", async () => {
    let given = 0;
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.from(`${given++}\n`);
      })(),
    );
    const lines = readLines(endless, 100);
    for (let index = 0; index < 3; index++) await lines.next();
    expect(given).toBeLessThan(100);
    endless.destroy();
  });
});

it("IdSet knows each of many ids, and no other", () => {
  const ids = new IdSet();
  const names = Array.from({ length: 5000 }, (_, index) => `request-${index}`);
  expect(names.every((name) => ids.add(name))).toBe(true);
  expect(names.some((name) => ids.add(name))).toBe(false);
  expect(ids.size).toBe(5000);
  expect(ids.has("request-4999")).toBe(true);
  expect(ids.has("request-5000")).toBe(false);
});

describe("batchRequestOf", () => {
  const line = { custom_id: "a", method: "POST", url: "/v1/completions", body: { prompt: "b" } };

  it("takes a request as it is", () => {
    const expected = { customId: "a", url: "/v1/completions", body: '{"prompt":"b"}' };
    expect(batchRequestOf(JSON.stringify(line))).toEqual(expected);
    expect(batchRequestOf(JSON.stringify({ ...line, method: undefined }))).toEqual(expected);
  });

  it.each([
    ["{", null, "invalid_json"],
    ["[]", null, "invalid_line"],
    [{ ...line, custom_id: 1 }, null, "invalid_custom_id"],
    [{ ...line, custom_id: "" }, null, "invalid_custom_id"],
    [{ ...line, method: "GET" }, "a", "invalid_method"],
    [{ ...line, url: "/v1/models" }, "a", "invalid_url"],
    [{ ...line, body: "b" }, "a", "invalid_body"],
    [{ ...line, body: { stream: true } }, "a", "invalid_body"],
  ])("%j is no request of a batch", (given, customId, code) => {
    const text = typeof given === "string" ? given : JSON.stringify(given);
    expect(batchRequestOf(text)).toEqual({ customId, code, message: expect.stringMatching(/^Expected/) });
  });
});

it("writes lines as OpenAI and vLLM have them", () => {
  const done = answerLine("a", { status: 200, requestId: "r", body: { choices: [] } });
  expect(JSON.parse(done)).toEqual({
    id: expect.stringMatching(/^batch_req_[0-9a-f]{32}$/),
    custom_id: "a",
    response: { status_code: 200, request_id: "r", body: { choices: [] } },
    error: null,
  });
  const body = { error: { message: "No such model.", type: "invalid_request_error", code: null } };
  expect(JSON.parse(answerLine("a", { status: 404, requestId: "r", body }))).toMatchObject({
    response: { status_code: 404, body },
    error: { code: "invalid_request_error", message: "No such model." },
  });
  expect(JSON.parse(answerLine("a", { status: 502, requestId: "", body: "<html>" }))).toMatchObject({
    error: { code: "http_502", message: expect.stringContaining("502") },
  });
  expect(JSON.parse(errorLine("a", "invalid_url", "No."))).toMatchObject({
    custom_id: "a",
    response: null,
    error: { code: "invalid_url", message: "No." },
  });
  for (const text of [done, errorLine("a", "b", "c")]) {
    expect(text.startsWith(OUTPUT_BEGIN)).toBe(true);
    expect(text.indexOf("\n")).toBe(text.length - 1);
  }
});

it("reads Retry-After in seconds and as a date", () => {
  expect(retryAfterMs("3")).toBe(3000);
  expect(retryAfterMs(new Date(0).toUTCString())).toBe(0);
  expect(retryAfterMs("soon")).toBeNull();
  expect(retryAfterMs(undefined)).toBeNull();
});

it("says how far a batch is, how fast, and how long it takes yet", () => {
  const counts = { ...newCounts(), answered: 1200, failed: 1, skipped: 300, retries: 2 };
  Object.assign(counts, { doneBytes: 200, skippedBytes: 300, promptTokens: 5000, completionTokens: 2500 });
  expect(batchLine(counts, 1000, 20_000)).toBe(
    "1,200 lines answered, 1 line failed, 300 lines from before, 2 retries, 50 % of the file; " +
      "250 prompt tokens/s, 125 generated tokens/s, about 50 s left",
  );
  expect(batchLine({ ...counts, doneBytes: 1 }, 1_000_000, 60_000)).toContain("about 16661 h 39 min left");
  expect(batchLine(newCounts(), null, 1000)).toBe(
    "0 lines answered; 0.00 prompt tokens/s, 0.00 generated tokens/s",
  );
});
