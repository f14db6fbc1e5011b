// A pipeline of a process for which the system has no more threads or memory, and then some again. Prints what came of
// each step, one a line.
// Arguments: class, model, resource ("nproc": threads; "as": MiB of addresses), how much more of it than there is, and
// before which step ("load" or "generate") that becomes the limit.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readdirSync } from "node:fs";
import { ContinuousBatchingPipeline, LLMPipeline } from "../../dist/index.js";

const [className, model, resource, more, before] = process.argv.slice(2);

// Started while there is room for a process: lifts the limit when it is asked to, as far as this user may.
const RAISE = 'read go; exec prlimit --pid "$0" "--$1=$2:"';
const title = { nproc: "Max processes", as: "Max address space" }[resource];
const hardLimit = new RegExp(`${title} +\\S+ +(\\S+)`).exec(readFileSync("/proc/self/limits", "utf8"))[1];
const lifter = spawn("sh", ["-c", RAISE, `${process.pid}`, resource, hardLimit], {
  stdio: ["pipe", "inherit", "inherit"],
});

function shorten() {
  const kilobytes = Number(/VmSize:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]);
  const limit =
    resource === "nproc"
      ? // This process and the one that lifts the limit.
        readdirSync("/proc/self/task").length + 1 + Number(more)
      : (kilobytes + Number(more) * 1024) * 1024;
  execFileSync("prlimit", ["--pid", `${process.pid}`, `--${resource}=${limit}:`]);
}

async function step(name, run) {
  try {
    const value = await run();
    console.log(`${name}: ok`);
    return value;
  } catch (error) {
    console.log(`${name}: ${error.code} ${error.message}`);
    return undefined;
  }
}

const Pipeline = { ContinuousBatchingPipeline, LLMPipeline }[className];
const load = () => Pipeline.load(model);
const generate = (llm) => llm.generate("a".repeat(200), { maxNewTokens: 4 });

if (before === "load") shorten();
let llm = await step("load", load);
if (before === "generate") shorten();
if (llm !== undefined) {
  await step("generate", () => generate(llm));
  await step("again", () => generate(llm));
  await step("encode", () => llm.tokenizer.encode("hello"));
  await step("close", () => llm.close());
}
lifter.stdin.end("go\n");
await once(lifter, "exit");
llm = await step("load at last", load);
await step("generate at last", () => generate(llm));
await step("close at last", () => llm.close());
