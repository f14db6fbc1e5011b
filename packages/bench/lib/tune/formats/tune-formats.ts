/** Tunes a model over its weight formats: each is made, tuned and judged, and the best of them measured side by side. */
import { basename, extname } from "node:path";

import { evaluateText, freeMemory, measureReadBandwidth, type TextEvaluation } from "openvino-llm/internal";
import { AbortError } from "openvino-llm";
import { memoryNeeded } from "../../run/memory.js";
import { seededRandom, shuffledIndexes } from "../../stats/random.js";
import { meanOf } from "../../stats/statistics.js";
import { judgeQuality, qualityOf, type QualityLimits } from "../judge-quality.js";
import { MEMORY_SHARE, ProcessEngine } from "../process-engine.js";
import { arithmeticOf, EXACT } from "../quality-check.js";
import { QUALITY_TEXT } from "../quality-text.js";
import { affordableTokens } from "../search/affordable-tokens.js";
import { levelsOf, logScore } from "../search/objective.js";
import type { AnswerQuality, TuneSample } from "../search/tune-engine.js";
import { tuneModel, type TuneReport } from "../tune-model.js";
import { resolveQualityLimits, resolveTuneOptions, type ResolvedTuneOptions } from "../tune-options.js";
import type {
  FormatReport,
  TuneFormatsContext,
  TuneFormatsOptions,
  TuneFormatsReport,
} from "./formats-report.js";
import { loadModelTools, type ModelTools } from "./model-tools.js";
import { recommend } from "./recommend.js";
import { FP16, prepareCommand, weightFormats, type WeightFormat } from "./weight-formats.js";

/** INT4 of a small model keeps some 9 of 10 tokens. */
const FORMAT_LIMITS: QualityLimits = { maxPerplexityRatio: 1.1, minGreedyAgreement: 0.8 };
/** The budget of each format where none is given. */
const FORMAT_BUDGET_MS = 300_000;
/** The part of the budget that measures formats side by side. */
const ROUNDS_SHARE = 0.25;
const MIN_ROUNDS = 3;
const MAX_ROUNDS = 8;
/** Prompts of the rounds are far behind those of the tunings. */
const FIRST_PROMPT_SET = 10_000;

/** What is known of a format that is in use. */
interface Usable {
  readonly format: WeightFormat;
  readonly path: string;
  readonly tuning: TuneReport;
  readonly quality: AnswerQuality;
  /** One list for each round that was finished. */
  readonly rounds: TuneSample[][];
}

/**
 * Makes each weight format of a checkpoint or GGUF file by openvino-llm-model-tools, tunes it, compares its answers with
 * those of FP16, and says which to take. The budget is for measuring; making the models takes its own time.
 *
 * @param source - as `prepareModel()` of openvino-llm-model-tools takes it
 * @throws (by rejection) OpenVinoLlmError ERR_PACKAGE_NOT_FOUND where that package is not installed; TypeError, RangeError
 *   for options; what making or loading FP16 throws, because all else is judged by it
 */
export async function tuneFormats(
  source: string,
  { formats: names, calibration, formatLimits, ...options }: TuneFormatsOptions = {},
  context: TuneFormatsContext = {},
): Promise<TuneFormatsReport> {
  const limits = resolveQualityLimits(formatLimits, FORMAT_LIMITS, "options.formatLimits");
  const isGguf = extname(source).toLowerCase() === ".gguf";
  const formats = weightFormats(isGguf, names, calibration);
  const budgetMs = options.budgetMs ?? FORMAT_BUDGET_MS * formats.length;
  const resolved = resolveTuneOptions({ ...options, budgetMs });
  const tools = context.tools ?? (await loadModelTools());
  const { bestBytesPerSecond } = await measureReadBandwidth();
  const run = new FormatsRun(source, resolved, tools, context);
  let isInterrupted = false;
  try {
    for (const [index, format] of formats.entries()) await run.add(format, formats.length - index);
    await run.measureSideBySide();
  } catch (error) {
    if (!(error instanceof AbortError)) throw error;
    isInterrupted = true;
  }
  return {
    schema: 1,
    source,
    options: resolved,
    formatLimits: limits,
    readBytesPerSecond: bestBytesPerSecond,
    ...run.result(limits, bestBytesPerSecond),
    isInterrupted,
  };
}

class FormatsRun {
  readonly #source: string;
  readonly #options: ResolvedTuneOptions;
  readonly #tools: ModelTools;
  readonly #context: TuneFormatsContext;
  readonly #usable: Usable[] = [];
  readonly #failed: FormatReport[] = [];
  #tunedMs = 0;
  #reference: TextEvaluation | null = null;
  #byFp16: AnswerQuality | null = null;

  constructor(source: string, options: ResolvedTuneOptions, tools: ModelTools, context: TuneFormatsContext) {
    this.#source = source;
    this.#options = options;
    this.#tools = tools;
    this.#context = context;
  }

  /**
   * Makes and tunes a format, and looks at its answers.
   *
   * @param sharing - formats that share what is left of the budget, this one among them
   */
  async add(format: WeightFormat, sharing: number): Promise<void> {
    const { onEvent, signal } = this.#context;
    const { id } = format;
    try {
      onEvent?.({ type: "preparing", format: id });
      const path = await this.#pathOf(format);
      onEvent?.({ type: "tuning", format: id });
      const leftMs = this.#options.budgetMs * (1 - ROUNDS_SHARE) - this.#tunedMs;
      const options = { ...this.#options, budgetMs: Math.max(1, leftMs / sharing) };
      const tuning = await tuneModel(path, options, { onEvent, signal });
      this.#tunedMs += tuning.elapsedMs;
      const quality = await this.#qualityOf(path, tuning);
      if (id === FP16.id) this.#byFp16 = quality;
      this.#usable.push({ format, path, tuning, quality, rounds: [] });
    } catch (error) {
      if (error instanceof AbortError || id === FP16.id || !(error instanceof Error)) throw error;
      this.#fail(format, error);
    }
  }

  /** Measures all formats with their chosen settings in rounds, each in an order that is drawn. */
  async measureSideBySide(): Promise<void> {
    const { levels, budgetMs, seed } = this.#options;
    const { onEvent } = this.#context;
    const outputLength = this.#roundTokens();
    const random = seededRandom(seed, "formats");
    const engines = new Map<Usable, ProcessEngine>();
    for (const usable of this.#usable) engines.set(usable, await this.#engineOf(usable));
    const needed = this.#usable.reduce((sum, { tuning }) => sum + memoryNeeded(tuning.model.weightsBytes), 0);
    const fit = needed <= freeMemory() * MEMORY_SHARE;
    const endMs = performance.now() + budgetMs * ROUNDS_SHARE;
    try {
      for (let round = 1; round <= MAX_ROUNDS; round++) {
        if (round > MIN_ROUNDS && performance.now() > endMs) break;
        onEvent?.({ type: "round", round });
        const order = shuffledIndexes(this.#usable.length, random);
        for (const usable of Array.from(order, (index) => this.#usable[index])) {
          const engine = usable === undefined ? undefined : engines.get(usable);
          if (usable === undefined || engine === undefined) continue;
          try {
            const samples: TuneSample[] = [];
            for (const concurrency of levels) {
              const measured = { concurrency, outputLength, promptSet: FIRST_PROMPT_SET + round };
              samples.push(await engine.measure(usable.tuning.chosen.settings, measured));
            }
            usable.rounds.push(samples);
            if (!fit) await engine.close();
          } catch (error) {
            if (error instanceof AbortError || !(error instanceof Error)) throw error;
            this.#usable.splice(this.#usable.indexOf(usable), 1);
            this.#fail(usable.format, error);
          }
        }
      }
    } finally {
      await Promise.all([...engines.values()].map((engine) => engine.close()));
    }
  }

  /** Tokens of each request, so that the least rounds fit into their part of the budget. */
  #roundTokens(): number {
    const { budgetMs, outputLength } = this.#options;
    const measured = this.#usable.flatMap(({ tuning: { candidates, chosen } }) =>
      candidates.flatMap(({ id, levels }) => (id === chosen.id ? levels : [])),
    );
    // The first round loads all formats, and makes their kernels by warm-ups.
    return affordableTokens(measured, (budgetMs * ROUNDS_SHARE) / (MIN_ROUNDS + 1), outputLength);
  }

  /** What is known by now. */
  result(
    limits: QualityLimits,
    readBytesPerSecond: number,
  ): Pick<TuneFormatsReport, "formats" | "recommendation"> {
    const { objective, levels } = this.#options;
    const counted = levelsOf(objective, levels);
    const judged = this.#usable.map((usable) => {
      const isFp16 = usable.format.id === FP16.id;
      const { failure } = judgeQuality(usable.quality, isFp16 ? null : this.#byFp16, limits);
      const logScores = usable.rounds.map((samples) =>
        meanOf(
          samples
            .filter(({ concurrency }) => counted.includes(concurrency))
            .map((sample) => logScore(objective, sample)),
        ),
      );
      return { usable, failure, logScores };
    });
    const formats = judged.map(({ usable: { format, path, tuning, quality, rounds }, failure }) => ({
      ...this.#about(format),
      path,
      failure: null,
      tuning,
      quality,
      qualityFailure: failure,
      samples: rounds.flat(),
      bandwidthShare: bandwidthShare(rounds.flat(), tuning.model.weightsBytes, readBytesPerSecond),
    }));
    const ranked = judged.map(({ usable: { format, quality }, failure, logScores }) => {
      return { id: format.id, logScores, quality, isGood: failure === null };
    });
    const isMeasured = ranked.length > 0 && ranked.every(({ logScores }) => logScores.length > 0);
    return {
      formats: [...formats, ...this.#failed],
      recommendation: isMeasured ? recommend(ranked) : null,
    };
  }

  /** It cannot be made, tuned or measured; the others go on. */
  #fail(format: WeightFormat, { message }: Error): void {
    this.#context.onEvent?.({ type: "format-failed", format: format.id, message });
    this.#failed.push({ ...this.#about(format), ...NOTHING, failure: message });
  }

  #about(format: WeightFormat): Pick<FormatReport, "id" | "command"> {
    return { id: format.id, command: prepareCommand(this.#source, format) };
  }

  async #pathOf({ id, options }: WeightFormat): Promise<string> {
    if (options === null) return this.#source;
    const name = `${basename(this.#source, ".gguf").toLowerCase()}-tune-${id}`;
    const { signal } = this.#context;
    const given = { ...options, name, ...(signal === undefined ? {} : { signal }) };
    return (await this.#tools.prepareModel(this.#source, given)).dir;
  }

  /** Beside FP16, which comes first. */
  async #qualityOf(path: string, { chosen }: TuneReport): Promise<AnswerQuality> {
    const { signal } = this.#context;
    this.#reference ??= await evaluateText(path, QUALITY_TEXT, { properties: EXACT, signal });
    const properties = arithmeticOf(chosen.settings);
    return qualityOf(await evaluateText(path, QUALITY_TEXT, { properties, signal }), this.#reference);
  }

  #engineOf({ path }: Usable): Promise<ProcessEngine> {
    const { levels, inputLength, outputLength, serviceLevels, dataset, seed, qualityLimits } = this.#options;
    return ProcessEngine.create({
      model: path,
      load: { levels, inputLength, outputLength, serviceLevels, dataset, seed },
      limits: qualityLimits,
      signal: this.#context.signal,
    });
  }
}

const NOTHING = {
  path: null,
  tuning: null,
  quality: null,
  qualityFailure: null,
  samples: [],
  bandwidthShare: null,
} as const;

/** A step reads all weights once, however many requests it serves; embeddings that are only looked up make it less. */
function bandwidthShare(
  samples: readonly TuneSample[],
  weightsBytes: number,
  readBytesPerSecond: number,
): number | null {
  const lowest = Math.min(...samples.map(({ concurrency }) => concurrency));
  const times = samples.filter(({ concurrency }) => concurrency === lowest).map(({ tpotMs }) => tpotMs);
  const tpotMs = meanOf(times);
  return tpotMs > 0 ? weightsBytes / (tpotMs / 1000) / readBytesPerSecond : null;
}
