// `node scripts/next-chat.mjs`: builds packages/ai-sdk/examples/next-chat with the packages of this clone, starts it,
// and asks its page and its chat, twice at once. Fetches Next.js and React; SmolLM2 has to be in the cache (`npm run
// setup`).
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { locateRuntime } from "../dist/runtime/locate.js";
import { packFolder } from "./stage-package.mjs";
import { runNpm, runTool } from "./run-tool.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = await realpath(await mkdtemp(join(tmpdir(), "openvino-llm-next-chat-")));
const app = join(folder, "app");
const env = { ...process.env, OPENVINO_LLM_RUNTIME: locateRuntime().dir, NEXT_TELEMETRY_DISABLED: "1" };

try {
  await cp(join(root, "packages/ai-sdk/examples/next-chat"), app, { recursive: true });
  const file = join(app, "package.json");
  const manifest = JSON.parse(await readFile(file, "utf8"));
  // The model is in the cache, the packages are those of this clone.
  const others = Object.entries(manifest.dependencies).filter(([name]) => !name.startsWith("openvino-llm"));
  await writeFile(file, JSON.stringify({ ...manifest, dependencies: Object.fromEntries(others) }));
  const tarballs = [await packFolder(".", folder), await packFolder("packages/ai-sdk", folder)];
  await expectSuccess(
    "npm install",
    runNpm(["install", "--no-audit", "--no-fund", ...tarballs], { cwd: app }),
  );
  const next = join(app, "node_modules/next/dist/bin/next");
  await expectSuccess("next build", runTool(process.execPath, [next, "build"], { cwd: app, env }));
  await ask(next);
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Starts the server and holds what it answers against what it should. */
async function ask(next) {
  const port = String(await freePort());
  const args = [next, "start", "--hostname", "127.0.0.1", "--port", port];
  const server = spawn(process.execPath, args, { cwd: app, env, stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(server, "close");
  try {
    for await (const line of createInterface({ input: server.stdout })) if (line.includes("Ready")) break;
    const page = await (await fetch(`http://127.0.0.1:${port}/`)).text();
    if (!page.includes("<form")) throw new Error(`The page has no form:\n${page}`);
    const answers = await Promise.all(
      ["What is the capital of France?", "What is 2 + 2?"].map((text) => chat(port, text)),
    );
    for (const answer of answers) process.stdout.write(`${answer}\n`);
    if (!answers[0].includes("Paris")) throw new Error("The answer to the first question has no Paris.");
  } finally {
    server.kill();
    await ended;
  }
}

/** What the page's `useChat()` would send, and the text that comes. */
async function chat(port, text) {
  const messages = [{ id: "1", role: "user", parts: [{ type: "text", text }] }];
  const answer = await fetch(`http://127.0.0.1:${port}/api/chat`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ messages }),
  });
  const events = (await answer.text())
    .split("\n\n")
    .filter((event) => event.startsWith("data: {"))
    .map((event) => JSON.parse(event.slice("data: ".length)));
  if (events.at(-1)?.type !== "finish")
    throw new Error(`Expected a finish but received ${JSON.stringify(events.slice(-3))}`);
  return events.map(({ type, delta }) => (type === "text-delta" ? delta : "")).join("");
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

async function expectSuccess(what, running) {
  const { code, output } = await running;
  if (code !== 0) throw new Error(`${what} failed.\n${output}`);
}
