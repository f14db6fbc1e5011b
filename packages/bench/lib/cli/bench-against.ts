/** `bench MODEL --against …`: two things measured in turns. The comparison goes to stdout, everything else to stderr. */
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

import { AbortError } from "openvino-llm";
import { resolveModel } from "openvino-llm/models";
import {
  EXIT_INTERRUPTED,
  formatFigure,
  formatMs,
  formatSeconds,
  StopWatch,
  writing,
} from "openvino-llm/internal";
import { compareLive } from "../against/compare-live.js";
import type { MeasuredSample } from "../against/compare-in-turns.js";
import type { LiveComparison, LiveSide } from "../against/live-comparison.js";
import { liveMarkdown } from "../against/live-markdown.js";
import { servedModelNames } from "../http/read-server.js";
import type { BenchOptions } from "../plan/bench-options.js";
import { nameOf } from "../plan/plan.js";
import { resolveHttpOptions } from "../plan/http-options.js";
import { OF_THIS_PROCESS } from "../plan/resolve-bench-options.js";
import {
  checkBesideAgainst,
  isAddress,
  liveOptionsOf,
  otherSide,
  type AgainstFlags,
} from "./against-flags.js";
import { EXIT_SLOWER } from "./bench-compare.js";
import { benchOptionsOf, httpHeaders } from "./bench-flags.js";
import { DrawnLine } from "./drawn-line.js";

/** Measures a model and what `--against` says in turns. */
export async function benchAgainst(model: string, against: string, flags: AgainstFlags): Promise<void> {
  checkBesideAgainst(flags);
  const options = { ...benchOptionsOf(flags), repeats: undefined };
  const live = liveOptionsOf(flags);
  const access = { headers: httpHeaders(flags, process.env) };
  const a: LiveSide = { name: nameOf(model), model, options };
  const b = isAddress(against)
    ? await servedSide(against, model, options, access)
    : otherSide(against, model, options);
  // A misspelt name is reported before anything is loaded.
  for (const side of [a, b]) if (side.options?.http === undefined) await resolveModel(side.model);
  const shown = new DrawnLine(process.stderr);
  const watch = new StopWatch();
  let comparison: LiveComparison;
  try {
    shown.line(`A: ${a.name}. B: ${b.name}.`);
    const onSample = (sample: MeasuredSample) => shown.draw(sampleLine(sample));
    comparison = await compareLive(a, b, live, { onSample, signal: watch.signal, access });
  } catch (error) {
    if (!(error instanceof AbortError) || watch.reason === null) throw error;
    process.exitCode = EXIT_INTERRUPTED;
    return;
  } finally {
    shown.end();
    watch[Symbol.dispose]();
  }
  const text = liveMarkdown(comparison);
  const json = `${JSON.stringify(comparison, null, 2)}\n`;
  if (flags.out !== undefined) await keep(resolve(flags.out), { "against.md": text, "against.json": json });
  process.stdout.write(flags.json === true ? json : text);
  if (comparison.end === "interrupted") process.exitCode = EXIT_INTERRUPTED;
  else if (comparison.verdict === "slower") process.exitCode = EXIT_SLOWER;
}

/** The same model of a server, or its first one; settings of this process are none of its. */
async function servedSide(
  url: string,
  model: string,
  options: BenchOptions,
  access: { readonly headers: Record<string, string> },
): Promise<LiveSide> {
  const http = resolveHttpOptions({ url }, "--against");
  const names = await servedModelNames(http.url, access);
  const servedModelName = names.includes(model) ? model : (names[0] ?? model);
  const ofServer = Object.entries(options).filter(([name]) => !OF_THIS_PROCESS.includes(name));
  // With the vocabulary of the model here, where it is here, both get token ids.
  const inProcess = options.http === undefined;
  return {
    name: `${servedModelName} at ${http.url}`,
    model,
    options: { ...Object.fromEntries(ofServer), http: { url, servedModelName, inProcess } },
  };
}

function sampleLine({ side, concurrency, block, sample, remainingMs }: MeasuredSample): string {
  const { outputThroughput, ttftMs, tpotMs } = sample;
  const figures = [
    `${formatFigure(outputThroughput ?? 0)} tokens/s`,
    `TTFT ${formatMs(ttftMs ?? 0)}`,
    ...(tpotMs === null ? [] : [`TPOT ${formatMs(tpotMs)}`]),
  ];
  return `block ${block}, ${side.toUpperCase()}, ${concurrency} at once: ${figures.join(", ")}, ${formatSeconds(remainingMs)} left`;
}

async function keep(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await writing({ folder, purpose: "keep the comparison", elsewhere: "for it (--out)" }, async () => {
    await mkdir(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  });
}
