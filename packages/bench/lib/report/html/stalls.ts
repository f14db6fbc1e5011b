/** Gaps between tokens that a reader would notice. Pure. */
import { percentile, sortedCopy } from "openvino-llm/internal";
import { isCompleted, requestLatencies } from "../../measure/metrics.js";
import type { RunRecord } from "../../measure/records.js";

/** A gap between two tokens of a request is a stall when it is longer than this many times the median gap of its run. */
export const STALL_FACTOR = 3;

/** The gaps of one run. */
export interface RunGaps {
  /** Of all requests together, the shortest first. */
  readonly gapsMs: Float64Array;
  readonly medianMs: number;
  /** Longer gaps are stalls. */
  readonly thresholdMs: number;
  /** How many of the gaps are stalls. */
  readonly stalls: number;
}

/** The gaps of several runs of one level. */
export interface LevelStalls {
  readonly gaps: number;
  readonly stalls: number;
  /** Part of the gaps that are stalls: 0 to 1. Null where there is no gap. */
  readonly share: number | null;
  /** Part of the time of all gaps that was spent in stalls: 0 to 1. Null where there is no gap. */
  readonly timeShare: number | null;
  readonly longestMs: number;
}

/** The gaps between the tokens of a run; null where no request has two. */
export function gapsOf({ requests }: Pick<RunRecord, "requests">): RunGaps | null {
  const gapsMs = sortedCopy(requests.filter(isCompleted).flatMap((one) => requestLatencies(one).itlsMs));
  if (gapsMs.length === 0) return null;
  const medianMs = percentile(gapsMs, 50);
  const thresholdMs = STALL_FACTOR * medianMs;
  return { gapsMs, medianMs, thresholdMs, stalls: gapsMs.filter((gap) => gap > thresholdMs).length };
}

/** The stalls of several runs together; each run has its own median. */
export function stallsOf(runs: ReadonlyArray<RunGaps | null>): LevelStalls {
  const all = runs.filter((run) => run !== null);
  const sum = (pick: (run: RunGaps) => number) => all.reduce((total, run) => total + pick(run), 0);
  const gaps = sum(({ gapsMs }) => gapsMs.length);
  const stalls = sum((run) => run.stalls);
  const totalMs = sum(({ gapsMs }) => sumOf(gapsMs));
  const stalledMs = sum((run) => sumOf(run.gapsMs.subarray(run.gapsMs.length - run.stalls)));
  return {
    gaps,
    stalls,
    share: gaps === 0 ? null : stalls / gaps,
    timeShare: totalMs === 0 ? null : stalledMs / totalMs,
    longestMs: Math.max(0, ...all.map(({ gapsMs }) => gapsMs.at(-1) ?? 0)),
  };
}

function sumOf(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}
