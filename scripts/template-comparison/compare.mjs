// Templates through several engines, and what comes of it.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { CHATS, SPECIAL_TOKENS } from "./chats.mjs";

/** The variables of each chat, as transformers gives them. */
export const CALLS = CHATS.map(({ messages, tools, addGenerationPrompt, extra }) => ({
  ...SPECIAL_TOKENS,
  ...extra,
  messages,
  tools,
  documents: null,
  add_generation_prompt: addGenerationPrompt,
}));

/** Runs a Python program of this folder; what it printed, and how it ended. */
async function runPython({ python, env = {} }, program, args, input = "") {
  const file = fileURLToPath(new URL(program, import.meta.url));
  const child = spawn(python, [file, ...args], {
    env: { ...process.env, ...env, PYTHONDONTWRITEBYTECODE: "1" },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.on("error", () => {}); // it ended before it read everything
  child.stdin.end(input);
  const [out, err] = [child.stdout, child.stderr].map(textOf);
  const ended = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(signal ?? code));
  });
  return { out: await out, err: await err, ended };
}

async function textOf(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

/** The templates in archives: `[{ id, text }]`. */
export async function collectTemplates(python, archives) {
  const { out, err, ended } = await runPython(python, "collect.py", archives);
  if (ended !== 0) throw new Error(`collect.py ended with ${ended}: ${err}`);
  return JSON.parse(out);
}

/** What a Python engine makes of templates: rows of `{ text }` and `{ error }`. One that ends the process has errors. */
export async function renderByPython(python, program, args, templates, calls = CALLS) {
  const rows = [];
  while (rows.length < templates.length) {
    const job = { templates: templates.slice(rows.length).map(({ text }) => text), calls };
    const { out, err, ended } = await runPython(python, program, args, JSON.stringify(job));
    const lines = out.split("\n").filter((line) => line !== "");
    rows.push(...lines.map((line) => JSON.parse(line)));
    if (ended !== 0 && lines.length === 0 && rows.length === 0) {
      throw new Error(`${program} ended with ${ended}: ${err}`);
    }
    if (rows.length < templates.length)
      rows.push(calls.map(() => ({ error: `the process ended: ${ended}` })));
  }
  return rows;
}

/** What an engine of JavaScript makes of them; `Template` has `render(variables)`. */
export function renderBy(Template, templates) {
  return templates.map(({ text }) => {
    let template;
    return CALLS.map((call) => {
      try {
        template ??= new Template(text);
        return { text: template.render(structuredClone(call)) };
      } catch (error) {
        return { error: error.message };
      }
    });
  });
}

/** Counts what is as Jinja2 has it, and lists what is not. */
export function compareRows(templates, wanted, got) {
  const counts = { renderings: 0, equal: 0, refusedByBoth: 0, refused: 0, renderedAlone: 0, differ: 0 };
  const others = [];
  for (const [i, { id }] of templates.entries()) {
    for (const [j, { name }] of CHATS.entries()) {
      const [want, have] = [wanted[i][j], got[i][j]];
      const verdict = verdictOf(want, have);
      counts[verdict]++;
      if (want.error === undefined) counts.renderings++;
      if (verdict !== "equal" && verdict !== "refusedByBoth")
        others.push({ verdict, id, chat: name, want, have });
    }
  }
  return { counts, others };
}

function verdictOf(want, have) {
  if (want.error !== undefined) return have.error === undefined ? "renderedAlone" : "refusedByBoth";
  if (have.error !== undefined) return "refused";
  return want.text === have.text ? "equal" : "differ";
}

/** Where two texts part, for a person. */
export function partingOf({ want, have }) {
  if (want.error !== undefined) return `Jinja2: ${want.error}`;
  if (have.error !== undefined) return have.error;
  let at = 0;
  while (want.text[at] === have.text[at]) at++;
  const near = (text) => JSON.stringify(text.slice(Math.max(0, at - 20), at + 40));
  return `${near(want.text)} became ${near(have.text)}`;
}
