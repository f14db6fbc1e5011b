/** Options, events and report of tuning over weight formats. */
import type { QualityLimits } from "../judge-quality.js";
import type { AnswerQuality, TuneSample } from "../search/tune-engine.js";
import type { TuneEvent, TuneReport } from "../tune-model.js";
import type { ResolvedTuneOptions, TuneOptions } from "../tune-options.js";
import type { ModelTools } from "./model-tools.js";
import type { Recommendation } from "./recommend.js";

/** What happens on the way. */
export type TuneFormatsEvent =
  | TuneEvent
  | {
      /** A format is made, or found made. */
      readonly type: "preparing";
      /** Its name. */
      readonly format: string;
    }
  | {
      /** It is tuned: events of that follow. */
      readonly type: "tuning";
      /** Its name. */
      readonly format: string;
    }
  | {
      /** It cannot be made or used. */
      readonly type: "format-failed";
      /** Its name. */
      readonly format: string;
      /** Why. */
      readonly message: string;
    }
  | {
      /** All formats are measured side by side, for the so-many-th time. */
      readonly type: "round";
      /** From 1. */
      readonly round: number;
    };

/** What to tune over. */
export interface TuneFormatsOptions extends TuneOptions {
  /** Time for measuring, in milliseconds, above 0; making the models takes its own. Default 300,000 for each format that is tried. */
  readonly budgetMs?: number | undefined;
  /** Names of formats to try, of `weightFormats()`; FP16 is always one, to judge by. Default all. */
  readonly formats?: readonly string[] | undefined;
  /** What the answers of a format have to keep, beside FP16. Default: 1.1 times its perplexity, 0.8 of its tokens. */
  readonly formatLimits?: { readonly [Limit in keyof QualityLimits]?: number | undefined } | undefined;
  /** What calibrates static INT8: a text file, or a data set that the exporter knows. Default "bundled": a text that openvino-llm-model-tools brings along. */
  readonly calibration?: string | undefined;
}

/** How tuning over formats is done. */
export interface TuneFormatsContext {
  /** Receives the events of the search. */
  readonly onEvent?: ((event: TuneFormatsEvent) => void) | undefined;
  /** Ends it; what has been measured by then is kept. */
  readonly signal?: AbortSignal | undefined;
  /** What makes the models. Default: openvino-llm-model-tools, where it is installed. */
  readonly tools?: ModelTools | undefined;
}

/** One weight format. */
export interface FormatReport {
  /** Its name. */
  readonly id: string;
  /** The command that makes it; null for the source as it is. */
  readonly command: string | null;
  /** Why it could not be made or used; null where it could. */
  readonly failure: string | null;
  /** The folder or file that was loaded; null where there is none. */
  readonly path: string | null;
  /** Its own tuning; null where it failed. */
  readonly tuning: TuneReport | null;
  /** Its answers with the chosen settings, beside FP16 in exact arithmetic; null where it failed. */
  readonly quality: AnswerQuality | null;
  /** Why it is not recommended for its answers; null where they are good enough. */
  readonly qualityFailure: string | null;
  /** Rounds beside the other formats, with the chosen settings. */
  readonly samples: readonly TuneSample[];
  /** Bytes of weights that a step reads by those that the memory gives in its time, at the lowest level: 0 to 1. Null: not measured. */
  readonly bandwidthShare: number | null;
}

/** What came of it, as JSON can hold it. */
export interface TuneFormatsReport {
  /** Of this format. */
  readonly schema: 1;
  /** What was asked for. */
  readonly source: string;
  /** The options, defaults filled in. */
  readonly options: ResolvedTuneOptions;
  /** Bytes per second that this machine reads, the best of some passes. */
  readonly readBytesPerSecond: number;
  /** What the answers of a format have to keep, beside FP16. */
  readonly formatLimits: QualityLimits;
  /** Every format, in the order in which they were made. */
  readonly formats: readonly FormatReport[];
  /** Which one, and how the others stand to it; null where none is good enough. */
  readonly recommendation: Recommendation | null;
  /** It was aborted; what is here had been measured by then. */
  readonly isInterrupted: boolean;
}
