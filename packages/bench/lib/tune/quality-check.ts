/** What settings make of a model's answers: a process for each arithmetic, and one for the exact one to compare with. */
import { evaluateText, type EvaluateTextOptions, type TextEvaluation } from "openvino-llm/internal";
import type { Properties } from "openvino-llm";
import { judgeQuality, qualityOf, type QualityLimits } from "./judge-quality.js";
import { QUALITY_TEXT } from "./quality-text.js";
import { DEFAULT_SETTINGS, type TunedSettings } from "./search/settings.js";
import type { AnswerQuality, QualityVerdict } from "./search/tune-engine.js";

/** Reads a text, as {@link evaluateText} does. */
export type EvaluateText = (
  model: string,
  text: string,
  options: EvaluateTextOptions,
) => Promise<TextEvaluation>;

/** Exact arithmetic, as far as the weights allow. */
export const EXACT: Properties = {
  INFERENCE_PRECISION_HINT: "f32",
  KV_CACHE_PRECISION: "f32",
  DYNAMIC_QUANTIZATION_GROUP_SIZE: 0,
};
/** Properties that change what is computed; all others change only how fast. */
const ARITHMETIC = ["INFERENCE_PRECISION_HINT", "DYNAMIC_QUANTIZATION_GROUP_SIZE", "KV_CACHE_PRECISION"];

/** Those of the properties that change what is computed. */
export function arithmeticOf({ properties }: TunedSettings): Properties {
  return Object.fromEntries(
    ARITHMETIC.flatMap((name) => {
      const value = properties[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** What a quality check needs. */
export interface QualityCheckOptions {
  /** A path or the name of a model in the cache. */
  readonly model: string;
  /** What answers have to keep. */
  readonly limits: QualityLimits;
  /** Reads the text. Default: {@link evaluateText}. */
  readonly evaluate?: EvaluateText | undefined;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
}

/** Judges settings; each arithmetic is looked at once. */
export class QualityCheck {
  readonly #options: QualityCheckOptions;
  /** Gives room for one more model in memory. */
  readonly #makeRoom: () => Promise<void>;
  readonly #evaluations = new Map<string, Promise<TextEvaluation>>();

  constructor(options: QualityCheckOptions, makeRoom: () => Promise<void>) {
    this.#options = options;
    this.#makeRoom = makeRoom;
  }

  /**
   * The figures, and whether they are good enough.
   *
   * @throws (by rejection) as {@link evaluateText} does
   */
  async verdict(settings: TunedSettings): Promise<QualityVerdict> {
    const [own, defaults] = [arithmeticOf(settings), arithmeticOf(DEFAULT_SETTINGS)];
    const quality = await this.#qualityOf(own);
    const isDefault = JSON.stringify(own) === JSON.stringify(defaults);
    return judgeQuality(quality, isDefault ? null : await this.#qualityOf(defaults), this.#options.limits);
  }

  /** What the CPU plugin says that holds by default, by OpenVINO's names. */
  async inForce(): Promise<Readonly<Record<string, string>>> {
    return (await this.#evaluated(arithmeticOf(DEFAULT_SETTINGS))).inForce ?? {};
  }

  async #qualityOf(properties: Properties): Promise<AnswerQuality> {
    return qualityOf(await this.#evaluated(properties), await this.#evaluated(EXACT));
  }

  #evaluated(properties: Properties): Promise<TextEvaluation> {
    const key = JSON.stringify(properties);
    const found = this.#evaluations.get(key) ?? this.#evaluate(properties);
    this.#evaluations.set(key, found);
    return found;
  }

  async #evaluate(properties: Properties): Promise<TextEvaluation> {
    const { model, evaluate = evaluateText, signal } = this.#options;
    await this.#makeRoom();
    return evaluate(model, QUALITY_TEXT, { properties, signal });
  }
}
