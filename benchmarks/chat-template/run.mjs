// What rendering a chat costs on the JavaScript thread: CPU time of one call, by template and length of the chat, and of
// the longest that a template can keep it. Needs dist/ and Python 3.11 (it reads the templates); fetches a wheel.
//   node benchmarks/chat-template/run.mjs
import { cpus } from "node:os";
import { Template } from "../../dist/chat-template/template.js";
import { fetchWheel } from "../../dist/download/wheels.js";
import { collectTemplates } from "../../scripts/template-comparison/compare.mjs";
import { SMALL_SOURCES } from "../../scripts/template-comparison/wheels.mjs";

const NAMES = ["qwen3.jinja", "llama3_1.jinja", "gptoss.jinja", "glm4moe.jinja", "gemma4_v5.jinja"];
const LENGTHS = [2, 20, 200, 1000];
const ENDLESS = "{% for i in range(99999) %}{% for j in range(99999) %}{{ i + j }}{% endfor %}{% endfor %}";

/** Median of the CPU time of a call, in milliseconds: enough calls for the clock, several times. */
function cpuMs(call) {
  const times = Array.from({ length: 15 }, () => {
    let calls = 0;
    const begin = process.cpuUsage();
    let used = begin;
    do {
      call();
      calls++;
      used = process.cpuUsage(begin);
    } while (used.user + used.system < 20_000);
    return (used.user + used.system) / 1000 / calls;
  });
  return times.toSorted((a, b) => a - b)[7];
}

const shown = (ms) => String(Number(ms.toPrecision(2)));

const chatOf = (length) =>
  Array.from({ length }, (_, i) => ({
    role: i % 2 === 0 ? "user" : "assistant",
    content: `Message ${i}: ${"some words of a sentence, ".repeat(8)}`,
  }));

const archives = [];
for (const wheel of SMALL_SOURCES) archives.push(await fetchWheel(wheel));
const templates = await collectTemplates({ python: "python3.11" }, archives);
const variables = {
  bos_token: "<s>",
  eos_token: "</s>",
  tools: null,
  documents: null,
  add_generation_prompt: true,
};

console.log(`${cpus()[0].model}, Node ${process.version}; CPU time of a call, ms\n`);
console.log(
  `| template | characters | read | ${LENGTHS.map((length) => `${length} messages`).join(" | ")} |`,
);
console.log(`| --- | --- | --- | ${LENGTHS.map(() => "---").join(" | ")} |`);
for (const name of NAMES) {
  const { text } = templates.find(({ id }) => id.endsWith(`/${name}`));
  const template = new Template(text);
  const cells = LENGTHS.map((length) => {
    const messages = chatOf(length);
    return shown(cpuMs(() => template.render({ ...variables, messages })));
  });
  const read = shown(cpuMs(() => new Template(text)));
  console.log(`| ${name} | ${text.length} | ${read} | ${cells.join(" | ")} |`);
}
const endless = new Template(ENDLESS);
const longest = cpuMs(() => {
  try {
    endless.render({ ...variables, messages: chatOf(2) });
  } catch {
    // what it is for
  }
});
console.log(`\nUntil a template that does not end is ended: ${shown(longest)} ms`);
