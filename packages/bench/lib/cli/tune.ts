import { writeFile } from "node:fs/promises";
import { dirname, extname, resolve } from "node:path";

import type { Command } from "commander";

import { AbortError, type Profile } from "openvino-llm";
import {
  DEFAULT_MODEL,
  EXIT_INTERRUPTED,
  EXIT_USAGE,
  invalidArgType,
  openModel,
  StopWatch,
  writeProfile,
  writeProfileFile,
  writing,
} from "openvino-llm/internal";
import { formatsMarkdown } from "../tune/formats/formats-markdown.js";
import type { TuneFormatsContext } from "../tune/formats/formats-report.js";
import { tuneFormats } from "../tune/formats/tune-formats.js";
import { tuneMarkdown } from "../tune/tune-markdown.js";
import { tuneModel } from "../tune/tune-model.js";
import { TuneDisplay } from "./tune-display.js";
import { addTuneFlags, formatOptionsOf, tuneOptionsOf, type TuneFlags } from "./tune-flags.js";

/** Adds `bench tune`. The report goes to stdout, everything else to stderr. */
export function registerTune(bench: Command): void {
  const command = bench
    .command("tune")
    .description(
      "find the settings under which a model is fastest on this machine, and write a profile of them",
    );
  addTuneFlags(command)
    .addHelpText("after", HELP)
    .action((model: string | undefined, flags: TuneFlags) => tune(model, flags, command));
}

const HELP = `
The model is not changed. Whatever load() refuses, or answers worse, is not taken; the defaults are,
unless something is faster beyond doubt. Ctrl-C keeps what is proven by then.`;

async function tune(given: string | undefined, flags: TuneFlags, command: Command): Promise<void> {
  if (flags.formats !== undefined) return tuneOverFormats(given, flags, flags.formats, command);
  const idle = [
    ["--only", flags.only],
    ["--calibration", flags.calibration],
  ].find(([, value]) => value !== undefined);
  if (idle !== undefined) throw invalidArgType(String(idle[0]), "no value without --formats", idle[1]);
  const model = given ?? DEFAULT_MODEL;
  const options = tuneOptionsOf(flags);
  const report = await watched((context) => tuneModel(model, options, context));
  if (report === null) return;
  const text = tuneMarkdown(report);
  const json = await writeReports(report, text, flags);
  const profile = await keepProfile(report.profile, model, flags.output);
  process.stdout.write(flags.json === true ? json : `${text}\n${profile}\n`);
  if (report.end === "interrupted") process.exitCode = EXIT_INTERRUPTED;
}

async function tuneOverFormats(
  given: string | undefined,
  flags: TuneFlags,
  source: string,
  command: Command,
): Promise<void> {
  if (given !== undefined) {
    command.error("error: --formats takes the place of a model. Give one of them.", { exitCode: EXIT_USAGE });
  }
  const options = formatOptionsOf(flags);
  const report = await watched((context) => tuneFormats(source, options, context));
  if (report === null) return;
  const text = formatsMarkdown(report);
  const json = await writeReports(report, text, flags);
  const found = report.formats.find(({ id }) => id === report.recommendation?.id);
  const path = found?.path ?? null;
  const profile = found?.tuning?.profile ?? null;
  const kept = path === null ? "" : `\n${await keepProfile(profile, path, flags.output)}\n`;
  process.stdout.write(flags.json === true ? json : `${text}${kept}`);
  if (report.isInterrupted) process.exitCode = EXIT_INTERRUPTED;
}

/** Does the work until it ends or is interrupted, and shows how far it is. Null where nothing had been measured by then. */
async function watched<Report>(
  work: (context: TuneFormatsContext) => Promise<Report>,
): Promise<Report | null> {
  const display = new TuneDisplay();
  const watch = new StopWatch();
  try {
    return await work({ signal: watch.signal, onEvent: (event) => display.show(event) });
  } catch (error) {
    if (!(error instanceof AbortError) || watch.reason === null) throw error;
    process.exitCode = EXIT_INTERRUPTED;
    return null;
  } finally {
    display.end();
    watch[Symbol.dispose]();
  }
}

/** Writes the files that were asked for, and gives the JSON. */
async function writeReports(report: object, text: string, flags: TuneFlags): Promise<string> {
  const json = `${JSON.stringify(report, null, 2)}\n`;
  for (const file of flags.report ?? []) await write(resolve(file), extname(file) === ".json" ? json : text);
  return json;
}

/** Writes the profile, and says where. */
async function keepProfile(
  profile: Profile | null,
  model: string,
  output: string | undefined,
): Promise<string> {
  if (profile === null) return "No profile: the defaults need none.";
  if (output === undefined) {
    const file = await writeProfile(profile, (await openModel(model)).dir);
    return `Profile: ${file}\nUse it by load(model, { profile: "auto" }).`;
  }
  const file = resolve(output);
  await writeProfileFile(profile, file);
  return `Profile: ${file}\nUse it by load(model, { profile: ${JSON.stringify(file)} }).`;
}

function write(file: string, text: string): Promise<void> {
  const task = { folder: dirname(file), purpose: "write the report", elsewhere: "for it" };
  return writing(task, () => writeFile(file, text));
}
