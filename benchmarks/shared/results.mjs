// Where a benchmark puts what it measures: results.jsonl and summary.md in a folder of benchmarks/results, and the figures of
// docs/performance.md, or of another document.
import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describeMachine } from "./machine.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/**
 * Begins the results of a benchmark with a row about the machine.
 * @param {{ bench: string, program?: string, out: string | undefined, seed: number, goesOn?: boolean }} run `program`: where
 *   it is not run.mjs; `out`: the folder, where not one of its own; `goesOn`: the rows of an earlier run there stay
 */
export async function openResults({ bench, program = "run.mjs", out, seed, goesOn = false }) {
  const machine = describeMachine();
  const date = new Date().toISOString();
  const cpu = machine.cpu.replace(/[^a-z0-9]+/gi, "-").toLowerCase();
  const minute = date.slice(0, 16).replace(/[:T]/g, "-");
  const folder = out ?? join(root, "benchmarks", "results", `${bench}-${minute}-${cpu}`);
  const file = join(folder, "results.jsonl");
  await mkdir(folder, { recursive: true });
  const rows = goesOn ? await readRows(file) : [];
  await writeFile(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  const record = async (row) => {
    rows.push(row);
    await appendFile(file, `${JSON.stringify(row)}\n`);
  };
  const command = [`node benchmarks/${bench}/${program}`, ...process.argv.slice(2)].join(" ");
  await record({ part: "machine", date, command, seed, ...machine });
  const finish = async (summary, { docs, document = "performance.md", mark = `benchmarks/${bench}` }) => {
    await writeFile(join(folder, "summary.md"), summary);
    process.stdout.write(`\n${summary}\n`);
    if (docs) await writeDocs(join(root, "docs", document), mark, summary);
    say(`Written to ${folder}`);
  };
  return { rows, record, finish };
}

/** Those of an earlier run; none where there was none. */
async function readRows(file) {
  const text = await readFile(file, "utf8").catch((error) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
}

export function say(line) {
  process.stdout.write(`${line}\n`);
}

/** Ends the process with the error, once what is written is out. */
export async function runMain(main) {
  try {
    await main();
  } catch (error) {
    process.stderr.write(`${error.stack}\n`);
    process.exitCode = 1;
  }
}

/** Puts the figures between the two marks. */
async function writeDocs(file, mark, summary) {
  const [begin, end] = [`<!-- figures of ${mark} -->\n`, `<!-- end of figures of ${mark} -->`];
  const text = await readFile(file, "utf8");
  const [before, rest] = text.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`Expected the marks of the figures of ${mark} in ${file}.`);
  await writeFile(file, `${before}${begin}\n${summary}\n${end}${after}`);
}
