import { spawn, type ChildProcess } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { CHAIN_TEXT } from "../../lib/models/gguf/chain-model.js";
import { locateRuntime } from "../../lib/runtime/locate.js";
import { chainModel, temporaryFolder } from "../helpers/chain.js";
import { outcomeOf, type Outcome } from "../../packages/bench/test/helpers/bench-command.js";
import { Terminal, terminalNeed } from "../helpers/terminal.js";
import { given } from "../helpers/needs.js";

/** The built command line, as a user runs it. */
const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** Not reached before a test ends the command. */
const NO_LIMIT = ["--max-new-tokens", "1000000"];

let chain: string;
/** Never ends an answer. */
let endless: string;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  chain = await chainModel({ contextLength: 400 });
  endless = await chainModel({ loop: true, text: "abcdef ", contextLength: 2 ** 20 });
  environment = {
    ...process.env,
    OPENVINO_LLM_RUNTIME: locateRuntime().dir,
    OPENVINO_LLM_CACHE: temporaryFolder(),
  };
  delete environment["OPENVINO_LLM_DEBUG"];
});

function start(...args: string[]): ChildProcess {
  return spawn(process.execPath, [MAIN, "chat", ...args], { env: environment });
}

async function chat(lines: readonly string[], ...args: string[]): Promise<Outcome> {
  const child = start(...args);
  child.stdin?.write(lines.map((line) => `${line}\n`).join(""));
  return withoutProgress(await outcomeOf(child));
}

/** Without the lines that conversion and load have where they take more than a second. */
function withoutProgress(outcome: Outcome): Outcome {
  return { ...outcome, stderr: outcome.stderr.replace(/^(?:(?:Reading|Loading) .* \.\.\.\n)*/, "") };
}

describe("without a terminal", () => {
  test("each line is a turn, and nothing but the answers is on stdout", async () => {
    const { code, stdout, stderr } = await chat(["Hello", "", "And then?"], chain);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toBe(`${CHAIN_TEXT}\n${CHAIN_TEXT}\n`);
  });

  test("takes a last line without an end, and lines of Windows", async () => {
    const child = start(chain, "-n", "1");
    child.stdin?.write("Hello\r\nAnd then?");
    expect(await outcomeOf(child)).toMatchObject({ code: 0, stdout: "Z\nZ\n" });
  });

  test("commands work, and say what they say on stderr", async () => {
    const lines = ["/stats", "Hello", "/stats", "/reset", "/stats", "/no", "/help", "/exit", "unheard"];
    const { code, stdout, stderr } = await chat(lines, chain, "--system", "Be brief.");
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${CHAIN_TEXT}\n` });
    expect(stderr).toMatch(/^There was no turn yet\.\n {2}Answer +20 tokens, ended by the model/);
    expect(stderr).toMatch(/^ {2}Time to first token \(TTFT\) +[\d.,]+ ms$/m);
    expect(stderr).toMatch(/^ {2}Context +\d+ of 400 tokens$/m);
    expect(stderr).toContain("The conversation begins anew.\nThere was no turn yet.\n");
    expect(stderr).toContain("There is no command /no.");
    expect(stderr).toMatch(/^ {2}\/reset /m);
  });

  test("an error of a turn is shown, the conversation goes on, and the exit code shows it", async () => {
    const { code, stdout, stderr } = await chat(["x".repeat(1000), "Hello"], chain);
    expect(stderr).toMatch(/^openvino-llm: .*\[ERR_PROMPT_TOO_LONG\]\n$/);
    expect({ code, stdout }).toEqual({ code: 1, stdout: `${CHAIN_TEXT}\n` });
  });

  test("a conversation in a file goes on the next time, with messages of several lines", async () => {
    const file = join(temporaryFolder(), "chat.json");
    const session = ["--session", file, "--system", "Be brief."];
    expect(await chat(['"""Hello', 'there."""'], chain, ...session)).toMatchObject({ code: 0, stderr: "" });
    expect(await chat(['"""', " And", "", "then?", '"""'], chain, ...session)).toMatchObject({ code: 0 });
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({
      keptFrom: 0,
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Hello\nthere." },
        { role: "assistant", content: CHAIN_TEXT },
        { role: "user", content: " And\n\nthen?" },
        { role: "assistant", content: CHAIN_TEXT },
      ],
    });
    writeFileSync(file, "{}");
    const damaged = await chat(["Hello"], chain, "--session", file);
    expect(damaged).toMatchObject({ code: 2, stdout: "" });
    expect(damaged.stderr).toContain("Expected a file with a saved conversation for --session");
  });

  test("an answer that has no end is cut, and that is said", async () => {
    const { code, stdout, stderr } = await chat(["Hello"], endless);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${"abcdef ".repeat(74).slice(0, 512)}\n` });
    expect(stderr).toBe("(The answer was cut at 512 tokens. --max-new-tokens <n> allows more.)\n");
  });

  test("a role that there is not in a file is refused before the model is loaded", async () => {
    const file = join(temporaryFolder(), "chat.json");
    writeFileSync(file, JSON.stringify({ messages: [{ role: "usr", content: "Hi" }], keptFrom: 0 }));
    const { code, stdout, stderr } = await chat(["Hello"], "./no-such-model", "--session", file);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain('one of "system", "developer", "user"');
    expect(stderr).toContain("chat.json[0].role");
  });

  test("Ctrl-C stops the answer and leaves with 130", async () => {
    const child = start(endless, ...NO_LIMIT);
    child.stdin?.write("Hello\nunheard\n");
    child.stdout?.once("data", () => child.kill("SIGINT"));
    const { code, stdout } = await outcomeOf(child);
    expect(code).toBe(130);
    expect(stdout).toMatch(/^(abcdef )*[a-f]*\n$/);
  });

  test("ends quietly when nobody reads the answer any more", async () => {
    const child = start(endless, ...NO_LIMIT);
    child.stdin?.write("Hello\nunheard\n");
    child.stdout?.once("data", () => child.stdout?.destroy());
    const { code, stderr } = withoutProgress(await outcomeOf(child));
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  test.each([
    { args: ["./no-such-model"], code: 1, says: "ERR_MODEL_NOT_FOUND" },
    { args: ["--raw"], code: 2, says: "unknown option '--raw'" },
    { args: ["--top-p", "1.5"], code: 2, says: "for --top-p but received 1.5" },
  ])("wrong use ends it: $args", async ({ args, code, says }) => {
    const outcome = await chat(["Hello"], ...args);
    expect(outcome).toMatchObject({ code, stdout: "" });
    expect(outcome.stderr).toContain(says);
  });
});

describe("in a terminal", given(terminalNeed()), () => {
  const open = (...args: string[]): Terminal =>
    new Terminal([process.execPath, MAIN, "chat", ...args], environment);

  test("greets, answers, edits lines, and Ctrl-D leaves", async () => {
    const file = join(temporaryFolder(), "chat.json");
    const terminal = open(chain, "--session", file);
    await terminal.until("chain on CPU, context of 400 tokens");
    await terminal.until("> ");
    terminal.type("Hellp\u007fo\r"); // Backspace
    await terminal.until(CHAIN_TEXT);
    await terminal.until("> ");
    terminal.type("\u001b[A"); // the last line again
    await terminal.until("Hello");
    terminal.type("\r");
    await terminal.until(CHAIN_TEXT);
    await terminal.until("> ");
    terminal.type("\u0004");
    expect((await terminal.end()).code).toBe(0);
    const { messages } = JSON.parse(readFileSync(file, "utf8")) as { messages: { content: string }[] };
    expect(messages.map(({ content }) => content)).toEqual(["Hello", CHAIN_TEXT, "Hello", CHAIN_TEXT]);
  });

  test("Ctrl-C stops the answer and keeps what there is of it, at the prompt it leaves with 130", async () => {
    const file = join(temporaryFolder(), "chat.json");
    const terminal = open(endless, ...NO_LIMIT, "--session", file);
    await terminal.until("> ");
    terminal.type("Hello\r");
    await terminal.until("abcdef abcdef");
    terminal.type("\u0003/stats\r"); // typed before the prompt is there
    await terminal.until("interrupted (abort)");
    const { messages } = JSON.parse(readFileSync(file, "utf8")) as { messages: { content: string }[] };
    expect(messages[1]?.content).toMatch(/^abcdef abcdef/);
    await terminal.until("> ");
    terminal.type("\u0003");
    expect((await terminal.end()).code).toBe(130);
  });

  test("what is pasted is one turn for each line", async () => {
    const terminal = open(chain);
    await terminal.until("> ");
    terminal.type("one\rtwo\r/stats\r");
    await terminal.until(CHAIN_TEXT);
    await terminal.until(CHAIN_TEXT);
    await terminal.until("Context");
    await terminal.until("> ");
    terminal.type("/exit\r");
    expect((await terminal.end()).code).toBe(0);
  });

  test("a message that is too long is an error, and the conversation goes on", async () => {
    const terminal = open(chain);
    await terminal.until("> ");
    terminal.type(`${"x".repeat(1000)}\r`);
    await terminal.until("ERR_PROMPT_TOO_LONG");
    await terminal.until("> ");
    terminal.type("Hello\r");
    await terminal.until(CHAIN_TEXT);
    await terminal.until("> ");
    terminal.type("\u0004");
    expect((await terminal.end()).code).toBe(0);
  });
});
