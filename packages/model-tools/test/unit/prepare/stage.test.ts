import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RunLog } from "../../../lib/prepare/run-log.js";
import { PYTHON_FOLDER } from "../../../lib/prepare/python-folder.js";
import { runPython, type StageEvent } from "../../../lib/prepare/stage.js";

let dir: string;
let log: RunLog;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "openvino-llm-stage-"));
  log = new RunLog(join(dir, "run.log"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** A stage's own way to report, without the tools that a stage needs. */
const REPORTING = `
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, ${JSON.stringify(PYTHON_FOLDER)})
from report import Report
report = Report()
`;

test("events, lines and the result of a process arrive", async () => {
  const events: StageEvent[] = [];
  const lines: string[] = [];
  const program = `${REPORTING}
report.phase("load")
report.progress("Loading weights", 1, 4)
report.progress("Loading weights", 4, 4)
report.progress("nothing to count", 1, None)
sys.stderr.write("half 50%\\rall 100%\\n")
print("said:", sys.stdin.read(), flush=True)
report.result({"answer": 42})`;
  const ended = await runPython("python3", ["-c", program], {
    log,
    input: "job",
    onEvent: (event) => events.push(event),
    onLine: (line) => lines.push(line),
  });
  expect(ended).toMatchObject({ code: 0, signal: null, error: null, value: { answer: 42 } });
  expect(ended.peakMemoryBytes).toBeGreaterThan(1e6);
  expect(events).toEqual([
    { type: "phase", phase: "load" },
    { type: "progress", label: "Loading weights", fraction: 0.25 },
    { type: "progress", label: "Loading weights", fraction: 1 },
  ]);
  expect(lines.sort()).toEqual(["all 100%", "said: job"]);
  await log.close();
  expect((await readFile(log.path, "utf8")).split("\n").sort()).toEqual(["", "all 100%", "said: job"]);
});

test("an exception is reported with the names of its classes", async () => {
  const program = `${REPORTING}
try:
    open("/nowhere/file")
except BaseException as error:
    report.error(error)
    raise`;
  const ended = await runPython("python3", ["-c", program], { log });
  expect(ended.code).toBe(1);
  expect(ended.error?.types.slice(0, 2)).toEqual(["FileNotFoundError", "OSError"]);
  expect(ended.error?.message).toContain("/nowhere/file");
  expect(log.tail.at(-1)).toContain("FileNotFoundError");
  await log.remove();
});

test("variables of the user's Python do not reach it, its own do", async () => {
  const program = "import os, sys; print(sys.path[0], os.environ['TMPDIR'], sys.flags.no_user_site)";
  vi.stubEnv("PYTHONPATH", "/elsewhere");
  await runPython("python3", ["-c", program], { log, env: { TMPDIR: "/tmp/own" } });
  expect(log.tail).toEqual([" /tmp/own 1"]);
  await log.remove();
});

test("a Python that is not there is an error", async () => {
  await expect(runPython(join(dir, "python"), ["-c", ""], { log })).rejects.toThrow(/ENOENT/);
});

/** Starts another process and waits for ever; its own id and the other's are printed. */
const PARENT = `
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(os.getpid(), child.pid, flush=True)
time.sleep(600)`;

async function isRunning(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  return stat !== null && !/\) Z/.test(stat);
}

test("an abort ends the process and what it has started", async () => {
  const controller = new AbortController();
  let pids: number[] = [];
  const running = runPython("python3", ["-c", PARENT], {
    log,
    signal: controller.signal,
    onLine: (line) => {
      pids = line.split(" ").map(Number);
      controller.abort(new Error("enough"));
    },
  });
  await expect(running).rejects.toMatchObject({ name: "AbortError", code: "ERR_ABORTED" });
  expect(pids).toHaveLength(2);
  await vi.waitFor(async () => {
    for (const pid of pids) expect(await isRunning(pid)).toBe(false);
  });
  await log.remove();
});

test("an aborted signal starts nothing", async () => {
  const signal = AbortSignal.abort();
  await expect(runPython(join(dir, "python"), [], { log, signal })).rejects.toMatchObject({
    code: "ERR_ABORTED",
  });
});

test("the process and what it has started end with the one that started it, even when that is killed", async () => {
  const stage = new URL("../../../dist/prepare/stage.js", import.meta.url).href;
  const program = `
    import { runPython } from ${JSON.stringify(stage)};
    const log = { write: (line) => console.log(line) };
    await runPython("python3", ["-c", ${JSON.stringify(PARENT)}], { log });`;
  const starter = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [text] = (await once(starter.stdout, "data")) as [Buffer];
  const pids = text.toString().trim().split(" ").map(Number);
  expect(pids).toHaveLength(2);
  for (const pid of pids) expect(await isRunning(pid)).toBe(true);
  starter.kill("SIGKILL");
  await vi.waitFor(async () => {
    for (const pid of pids) expect(await isRunning(pid)).toBe(false);
  });
});

test("how the process ends is how it is reported", async () => {
  const run = (program: string) => runPython("python3", ["-c", program], { log });
  expect(await run("import sys; sys.exit(3)")).toMatchObject({ code: 3, signal: null });
  const killed = await run("import os, signal; os.kill(os.getpid(), signal.SIGTERM)");
  expect(killed).toMatchObject({ code: null, signal: "SIGTERM" });
  await log.remove();
});

test("the paragraphs of a text file are the samples", async () => {
  const file = join(dir, "text.txt");
  await writeFile(file, "\n one\ntwo \n\n \n\nthree\r\n\r\nfour\n");
  const program = `${REPORTING}
import export
report.result(export.read_samples(${JSON.stringify(file)}))`;
  const { value } = await runPython("python3", ["-c", program], { log });
  expect(value).toEqual(["one\ntwo", "three", "four"]);
});

test("of a model on the hub only one form of the weights is needed", async () => {
  const needed = async (names: string[]) => {
    const program = `${REPORTING}
import hub
report.result(hub.needed(${JSON.stringify(names)}))`;
    return (await runPython("python3", ["-c", program], { log })).value;
  };
  const texts = ["config.json", "tokenizer.model", "chat_template.jinja", "modeling_x.py"];
  const safetensors = ["model-00001-of-00002.safetensors", "model.safetensors.index.json"];
  const others = [
    "pytorch_model.bin",
    "original/model.safetensors",
    "metal/model.bin",
    "onnx/model.onnx",
    "x.gguf",
    "a.png",
  ];
  expect(await needed([...texts, ...safetensors, ...others])).toEqual([...texts, ...safetensors]);
  expect(await needed([...texts, "pytorch_model.bin"])).toEqual([...texts, "pytorch_model.bin"]);
});
