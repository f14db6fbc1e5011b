import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { CHAIN_TEXT } from "../../lib/models/gguf/chain-model.js";
import { ALPHABET, chainModel } from "../helpers/chain.js";
import { runNode } from "../helpers/run-node.js";

const example = (name: string) => fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));

let model: string;
beforeAll(async () => {
  model = await chainModel();
});

it("stream.mjs prints the answer and its figures", async () => {
  const { code, stdout, stderr } = await runNode([example("stream.mjs"), "Hello?", model]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(
    new RegExp(`^${CHAIN_TEXT}\n\n20 tokens, first after \\d+ ms\nthen [\\d.]+ tokens/s\n$`),
  );
});

it("worker-thread.mjs prints the answer that its worker sends", async () => {
  const ended = await runNode([example("worker-thread.mjs"), "Hello?", model]);
  expect(ended).toMatchObject({ code: 0, stderr: "", stdout: `${CHAIN_TEXT}\n` });
});

it("summaries.mjs prints ten answers", async () => {
  const { code, stdout, stderr } = await runNode([example("summaries.mjs"), model]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const answers = Array.from({ length: 10 }, (_, i) => `${i + 1}. ${CHAIN_TEXT}\n`).join("");
  expect(stdout.startsWith(`${answers}\n200 tokens in `)).toBe(true);
});

it("chat.mjs prints two turns with and without prefix caching, and how long their first tokens took", async () => {
  const { code, stdout, stderr } = await runNode([
    example("chat.mjs"),
    await chainModel({ contextLength: 10_000 }),
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const turn = `  ${CHAIN_TEXT}\n  \\d+ tokens of prompt, first token after \\d+ ms\n`;
  expect(stdout).toMatch(
    new RegExp(`^Prefix caching on:\n${turn}${turn}Prefix caching off:\n${turn}${turn}$`),
  );
});

it("tools.mjs prints the call, what the tool gives, and the answer", async () => {
  const { code, stdout, stderr } = await runNode([example("tools.mjs"), "Hello?", model]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/^calls days_until with \{\s*"year":\s*20[345]0\s*\}\ngets -?\d+\n/);
  expect(stdout).toContain(`\n${CHAIN_TEXT}\n`);
});

describe("http-server.mjs", () => {
  /** Starts the server on a free port; `line()` gives its next line of output. */
  async function start(path: string) {
    const server = spawn(process.execPath, [example("http-server.mjs"), "0", path], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const lines = createInterface(server.stdout)[Symbol.asyncIterator]();
    const line = async () => String((await lines.next()).value);
    const url = (await line()).replace("listening on ", "");
    const stop = async () => {
      const exit = once(server, "exit");
      server.kill("SIGTERM");
      return (await exit) as [number | null, NodeJS.Signals | null];
    };
    return { url, line, stop };
  }

  it("streams answers, refuses bad input, ends at SIGTERM", async () => {
    const { url, line, stop } = await start(model);
    const good = await fetch(url, { method: "POST", body: "Hello?" });
    expect(await good.text()).toBe(CHAIN_TEXT);
    expect(await line()).toBe("stop after 20 tokens");
    const tooLong = await fetch(url, { method: "POST", body: "x".repeat(5000) });
    expect(tooLong.status).toBe(400);
    expect(await tooLong.text()).toContain("tokens");
    expect(await stop()).toEqual([0, null]);
  });

  it("ends the generation of a client that goes away, and serves the next one", async () => {
    const { url, line, stop } = await start(
      await chainModel({ text: ALPHABET, loop: true, contextLength: 100_000 }),
    );
    const client = new AbortController();
    const response = await fetch(url, { method: "POST", body: "Hello?", signal: client.signal });
    await response.body!.getReader().read();
    // While it runs, another is answered in part too.
    const other = await fetch(url, { method: "POST", body: "Hello?", signal: client.signal });
    await other.body!.getReader().read();
    client.abort();
    expect(await line()).toMatch(/^abort after \d+ tokens$/);
    expect(await line()).toMatch(/^abort after \d+ tokens$/);
    expect(await stop()).toEqual([0, null]);
  });
});
