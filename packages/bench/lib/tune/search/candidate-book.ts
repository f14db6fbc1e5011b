/** What has been found out about each candidate. */
import { changeCount, settingsText, type TunedSettings } from "./settings.js";
import type { AnswerQuality, CandidateRefusal, TuneSample } from "./tune-engine.js";
import { meanOf } from "../../stats/statistics.js";

/**
 * Why a candidate is not the one that was chosen: "behind" others by means alone, where halving left room for no more;
 * "slower" and "not faster" by a comparison; "not reached" in the time.
 */
export type LeaveReason = "refused" | "quality" | "behind" | "slower" | "not faster" | "not reached";

/** Settings that were looked at. */
export interface Candidate {
  /** The settings in one line; unique. */
  readonly id: string;
  /** What it is loaded with. */
  readonly settings: TunedSettings;
  /** Settings that differ from the defaults. */
  readonly changes: number;
}

/** How a candidate left. */
export interface Leave {
  /** Why. */
  readonly reason: LeaveReason;
  /** More of it, a sentence; "" where there is no more. */
  readonly detail: string;
  /** The error's code where it was refused, else null. */
  readonly code: string | null;
}

/** The means of a level, over its repeats. */
export interface LevelMeans {
  /** Requests at once. */
  readonly concurrency: number;
  /** How often it was measured. */
  readonly repeats: number;
  /** Mean time to first token. */
  readonly ttftMs: number;
  /** Mean time per output token. */
  readonly tpotMs: number;
  /** Output tokens per second. */
  readonly outputTokensPerSecond: number;
  /** Part of the requests within the service levels, 0 to 1. */
  readonly goodShare: number;
}

/** A candidate as a report has it. */
export interface CandidateReport extends Candidate {
  /** The part of the search that it was tried in. */
  readonly stage: string;
  /** How it left; null for the one that was chosen. */
  readonly left: Leave | null;
  /** By level; empty where it was not measured. */
  readonly levels: readonly LevelMeans[];
  /** How many times as good as the settings that it was tried beside, by means alone; null where it was not measured. */
  readonly gain: number | null;
  /** Its answers; null where nobody looked at them. */
  readonly quality: AnswerQuality | null;
}

interface Entry {
  readonly candidate: Candidate;
  readonly stage: string;
  left: Leave | null;
  gain: number | null;
  quality: AnswerQuality | null;
  readonly samples: TuneSample[];
}

/** The candidate of settings. */
export function candidateOf(settings: TunedSettings): Candidate {
  return { id: settingsText(settings), settings, changes: changeCount(settings) };
}

/** The candidates of a search in the order in which they came. */
export class CandidateBook {
  readonly #entries = new Map<string, Entry>();

  /** Adds a candidate unless it is known. */
  add(candidate: Candidate, stage: string): void {
    if (this.#entries.has(candidate.id)) return;
    this.#entries.set(candidate.id, {
      candidate,
      stage,
      left: null,
      gain: null,
      quality: null,
      samples: [],
    });
  }

  /** Whether it was added. */
  has({ id }: Candidate): boolean {
    return this.#entries.has(id);
  }

  /** A level of it was measured. */
  addSample(candidate: Candidate, sample: TuneSample): void {
    this.#entry(candidate).samples.push(sample);
  }

  /** Its answers were looked at. */
  setQuality(candidate: Candidate, quality: AnswerQuality): void {
    this.#entry(candidate).quality = quality;
  }

  /** How much better it is than what it was tried beside, as far as is known: a ratio. */
  setGain(candidate: Candidate, gain: number): void {
    this.#entry(candidate).gain = gain;
  }

  /** It is out, or out for another reason. */
  leave(candidate: Candidate, reason: LeaveReason, detail = ""): void {
    this.#entry(candidate).left = { reason, detail, code: null };
  }

  /** It cannot be used. */
  refuse(candidate: Candidate, { code, message }: CandidateRefusal): void {
    this.#entry(candidate).left = { reason: "refused", detail: message, code };
  }

  /** It stays, or comes back. */
  stay(candidate: Candidate): void {
    this.#entry(candidate).left = null;
  }

  /** All candidates. */
  reports(): CandidateReport[] {
    return [...this.#entries.values()].map(({ candidate, samples, ...rest }) => ({
      ...candidate,
      ...rest,
      levels: levelMeans(samples),
    }));
  }

  #entry({ id }: Candidate): Entry {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw new Error(`No candidate is called ${id}.`);
    return entry;
  }
}

function levelMeans(samples: readonly TuneSample[]): LevelMeans[] {
  const levels = [...new Set(samples.map(({ concurrency }) => concurrency))].toSorted((a, b) => a - b);
  return levels.map((concurrency) => {
    const own = samples.filter((sample) => sample.concurrency === concurrency);
    const mean = (pick: (sample: TuneSample) => number) => meanOf(own.map(pick));
    return {
      concurrency,
      repeats: own.length,
      ttftMs: mean(({ ttftMs }) => ttftMs),
      tpotMs: mean(({ tpotMs }) => tpotMs),
      outputTokensPerSecond: mean(({ outputTokensPerSecond }) => outputTokensPerSecond),
      goodShare: mean(({ goodRequests, requests }) => goodRequests / requests),
    };
  });
}
