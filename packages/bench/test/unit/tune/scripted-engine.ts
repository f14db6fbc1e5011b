import { AbortError } from "openvino-llm";
import { seededRandom, type Random } from "../../../lib/stats/random.js";
import { settingsText, type TunedSettings } from "../../../lib/tune/search/settings.js";
import {
  CandidateRefusal,
  type QualityVerdict,
  type TuneEngine,
  type TuneRun,
  type TuneSample,
} from "../../../lib/tune/search/tune-engine.js";

/** What a scripted engine does. */
export interface Script {
  /** How many times as fast settings are as the defaults. */
  readonly speed: (settings: TunedSettings, concurrency: number) => number;
  /** Standard deviation of the logarithm of each time. */
  readonly noise: number;
  readonly seed: number;
  /** Settings that `load()` refuses. */
  readonly refused?: (settings: TunedSettings) => boolean;
  /** Settings that answer badly. */
  readonly bad?: (settings: TunedSettings) => boolean;
  readonly capacity?: number;
  /** Everything becomes slower by this part of itself per hour of the engine's clock. */
  readonly driftPerHour?: number;
  /** After so many measurements it is aborted. */
  readonly abortAfter?: number;
}

const TTFT_MS = 100;
const TPOT_MS = 20;
const LOAD_MS = 1000;
const OUTPUT_LENGTH = 128;

/** An engine of known speeds with a clock of its own: nothing waits. */
export class ScriptedEngine implements TuneEngine {
  readonly capacity: number;
  readonly measured: Array<{ settings: string; run: TuneRun; loaded: boolean }> = [];
  readonly #script: Script;
  readonly #random: Random;
  readonly #ready: string[] = [];
  #nowMs = 0;

  constructor(script: Script) {
    this.#script = script;
    this.#random = seededRandom(script.seed, "scripted engine");
    this.capacity = script.capacity ?? 100;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  measure(settings: TunedSettings, run: TuneRun): Promise<TuneSample> {
    const { abortAfter = Infinity, refused = () => false } = this.#script;
    if (this.measured.length >= abortAfter) {
      return Promise.reject(new AbortError("The search was aborted.", undefined, undefined));
    }
    const id = settingsText(settings);
    if (refused(settings)) {
      return Promise.reject(new CandidateRefusal("ERR_ENGINE_FAULT", `${id} would end the process.`));
    }
    const loaded = this.#load(id);
    const { concurrency, outputLength } = run;
    const slowness = this.#noise() * this.#drift() * (1 + concurrency / 8);
    const factor = slowness / this.#script.speed(settings, concurrency);
    const [ttftMs, tpotMs] = [TTFT_MS * factor * this.#noise(), TPOT_MS * factor];
    this.#nowMs += ttftMs + (outputLength - 1) * tpotMs;
    this.measured.push({ settings: id, run, loaded });
    const e2elMs = ttftMs + (OUTPUT_LENGTH - 1) * tpotMs;
    return Promise.resolve({
      concurrency,
      ttftMs,
      tpotMs,
      e2elMs,
      outputTokensPerSecond: (1000 * concurrency * OUTPUT_LENGTH) / e2elMs,
      requests: concurrency,
      goodRequests: tpotMs <= 30 ? concurrency : 0,
    });
  }

  quality(settings: TunedSettings): Promise<QualityVerdict> {
    const isBad = this.#script.bad?.(settings) === true;
    const quality = {
      perplexity: isBad ? 900 : 20.1,
      referencePerplexity: 20,
      greedyAgreement: isBad ? 0.1 : 0.99,
      tokens: 512,
    };
    return Promise.resolve({ quality, failure: isBad ? "Perplexity 900 beside 20." : null });
  }

  #load(id: string): boolean {
    if (this.#ready.includes(id)) return false;
    this.#nowMs += LOAD_MS;
    this.#ready.push(id);
    if (this.#ready.length > this.capacity) this.#ready.shift();
    return true;
  }

  #drift(): number {
    return 1 + ((this.#script.driftPerHour ?? 0) * this.#nowMs) / 3_600_000;
  }

  /** Log-normal around 1. */
  #noise(): number {
    const u = Math.max(Number.MIN_VALUE, this.#random.float());
    const normal = Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * this.#random.float());
    return Math.exp(this.#script.noise * normal);
  }
}
