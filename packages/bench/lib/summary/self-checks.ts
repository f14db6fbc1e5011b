/** Checks that a benchmark makes of itself, every time. Pure. */
import { isUnder, percentile, sortedCopy } from "openvino-llm/internal";
import type { BenchData } from "../results/bench-data.js";
import { isCompleted, requestLatencies, runMetrics } from "../measure/metrics.js";
import type { RequestRecord, RunRecord } from "../measure/records.js";
import { checkIdentity, IDENTITY_TOLERANCE } from "../stats/scaling.js";

/** "ok"; "warn": to be read before the figures; "fail": the figures do not count; or nothing to check. */
export type SelfCheckStatus = "ok" | "warn" | "fail" | "not applicable";

/** One check over all runs. */
export interface SelfCheck {
  /** Which check it is. */
  readonly name:
    "identity" | "token-counts" | "failed-requests" | "distinct-prompts" | "prefix-cache" | "isa-limit";
  /** What came of it. */
  readonly status: SelfCheckStatus;
  /** What was found, in a sentence. */
  readonly message: string;
}

/** A median time to first token below this part of the first repeat's looks like a cache. */
const CACHED_TTFT = 0.6;

/** All checks, in the order in which they are printed. */
export function selfChecks(data: BenchData): SelfCheck[] {
  return [
    identityCheck(data),
    tokenCountCheck(data),
    failureCheck(data),
    distinctPromptCheck(data),
    prefixCacheCheck(data),
    ...isaLimitChecks(data),
  ];
}

function identityCheck({ plan, runs }: BenchData): SelfCheck {
  const { requestRate, rangeRatio, dataset } = plan.options;
  const name = "identity";
  if (requestRate !== "inf" || rangeRatio > 0 || dataset !== "random") {
    const message = "Throughput follows from the latencies only in a closed loop of requests of one length.";
    return { name, status: "not applicable", message };
  }
  const checked = runs.flatMap((run) => {
    const metrics = runMetrics(run);
    if (metrics.completed === 0 || metrics.failed > 0) return [];
    const { deviation, holds } = checkIdentity({
      concurrency: run.concurrency,
      outputLength: metrics.totalOutputTokens / metrics.completed,
      outputThroughput: metrics.outputThroughput,
      meanTtftMs: metrics.ttftMs.mean,
      meanTpotMs: metrics.tpotMs.mean,
    });
    return [{ run, deviation, holds }];
  });
  const [worst] = checked.toSorted((a, b) => Math.abs(b.deviation) - Math.abs(a.deviation));
  if (worst === undefined) {
    return { name, status: "not applicable", message: "No run has ended without a failed request." };
  }
  const limit = percentText(IDENTITY_TOLERANCE);
  const off = checked.filter(({ holds }) => !holds);
  const furthest = `${signedPercent(worst.deviation)} at ${nameOf(worst.run)}`;
  if (off.length === 0) {
    const message = `Throughput agrees with the latencies within ${limit} in every run (furthest off: ${furthest}).`;
    return { name, status: "ok", message };
  }
  const message =
    `Throughput and latencies differ by more than ${limit} in ${off.length} of ${checked.length} runs ` +
    `(furthest off: ${furthest}): requests did not follow each other at once, or the machine was busy with something else.`;
  return { name, status: "warn", message };
}

function tokenCountCheck({ runs, targets }: BenchData): SelfCheck {
  const name = "token-counts";
  const completed = runs.flatMap(({ requests }) => requests.filter(isCompleted));
  const isWrong = (request: RequestRecord) =>
    request.producedMs.length !== request.expectedTokens ||
    request.deliveredMs.length !== request.expectedTokens ||
    (request.expectedPromptTokens !== null && request.promptTokens !== request.expectedPromptTokens);
  const wrong = completed.filter(isWrong);
  const [first] = wrong;
  if (first === undefined) {
    return { name, status: "ok", message: `All ${completed.length} requests have the lengths of the plan.` };
  }
  const message =
    `${wrong.length} of ${completed.length} requests have other lengths than planned, such as ` +
    `${first.promptTokens} tokens in and ${first.producedMs.length} out instead of ` +
    `${first.expectedPromptTokens ?? "any number"} and ${first.expectedTokens}.`;
  const refusing = targets.filter(({ server }) => server?.leftOut.includes("ignore_eos") === true);
  const why =
    refusing.length === 0
      ? ""
      : ` The server refuses ignore_eos for ${refusing.map(({ label }) => label).join(", ")}: answers may end early.`;
  return { name, status: "fail", message: message + why };
}

function failureCheck({ runs }: BenchData): SelfCheck {
  const name = "failed-requests";
  const requests = runs.flatMap((run) => run.requests);
  const failed = requests.filter((request) => !isCompleted(request));
  const [first] = failed;
  if (first === undefined) return { name, status: "ok", message: `None of ${requests.length} failed.` };
  const message = `${failed.length} of ${requests.length} requests failed, the first one with: ${first.error ?? "no token"}`;
  return { name, status: "fail", message };
}

function distinctPromptCheck(data: BenchData): SelfCheck {
  const name = "distinct-prompts";
  const repeated = repeatedPrefixes(data);
  if (repeated === 0) {
    return {
      name,
      status: "ok",
      message: "No two prompts of a model begin alike, over all levels and repeats.",
    };
  }
  const message = `${repeated} prompts begin like an earlier one of the same model.`;
  return { name, status: "warn", message };
}

function prefixCacheCheck(data: BenchData): SelfCheck {
  const name = "prefix-cache";
  const cached = data.runs
    .flatMap(({ requests }) => requests)
    .reduce((sum, request) => sum + (request.cachedTokens ?? 0), 0);
  if (cached > 0) {
    const message = `${cached} prompt tokens came out of a prefix cache: those requests began sooner than they would have.`;
    return { name, status: "fail", message };
  }
  const caching = data.targets.filter(({ prefixCaching }) => prefixCaching !== false);
  if (caching.length === 0) return { name, status: "ok", message: "Prefix caching is off." };
  const names = caching.map(({ label }) => label).join(", ");
  const state = caching.every(({ prefixCaching }) => prefixCaching === true) ? "on" : "on or unknown";
  const faster = suspiciousLevels(data, new Set(caching.map(({ label }) => label)));
  if (repeatedPrefixes(data) > 0 || faster.length > 0) {
    const where =
      faster.length === 0 ? "" : ` First tokens came much sooner in later repeats at ${faster.join(", ")}.`;
    return { name, status: "warn", message: `Prefix caching is ${state} for ${names}.${where}` };
  }
  const message = `Prefix caching is ${state} for ${names}, but no prompts begin alike and first tokens came no sooner in later repeats.`;
  return { name, status: "ok", message };
}

/** Only where a plan limits the instruction set: whether the limit is seen in the kernels. */
function isaLimitChecks({ plan, targets }: BenchData): SelfCheck[] {
  const limited = plan.targets.flatMap((target) => {
    const isa = target.isa ?? null;
    return isa === null ? [] : [{ label: target.label, isa }];
  });
  if (limited.length === 0) return [];
  const name = "isa-limit";
  const seen = limited.flatMap(({ label, isa }) => {
    const inference = targets.find((facts) => facts.label === label)?.inference ?? null;
    const highest = inference?.ok === true ? inference.instructionSet : null;
    return highest === null ? [] : [{ label, highest, holds: isUnder(highest, isa) }];
  });
  const beyond = seen.filter(({ holds }) => !holds);
  if (beyond.length > 0) {
    const what = beyond.map(({ label, highest }) => `${label} ran kernels of ${highest}`).join("; ");
    return [{ name, status: "fail", message: `The limit did not hold: ${what}.` }];
  }
  if (seen.length < limited.length) {
    const message = `Of ${limited.length - seen.length} of ${limited.length} limited targets the kernels are not known.`;
    return [{ name, status: "warn", message }];
  }
  const what = seen.map(({ label, highest }) => `${label}: ${highest}`).join("; ");
  return [
    {
      name,
      status: "ok",
      message: `The highest instruction set of the kernels is within the limit (${what}).`,
    },
  ];
}

/** Prompts, those of warm-ups too, that begin like an earlier one of the same target. */
function repeatedPrefixes({ plan, runs }: BenchData): number {
  return plan.targets.reduce((sum, { label }) => {
    const own = runs.filter(({ target }) => target === label);
    const keys = own.flatMap(({ warmupKeys, requests }) => [
      ...warmupKeys,
      ...requests.map(({ prefixKey }) => prefixKey),
    ]);
    return sum + keys.length - new Set(keys).size;
  }, 0);
}

/** Levels whose later repeats have a much shorter time to first token than the first one. */
function suspiciousLevels({ runs }: BenchData, targets: ReadonlySet<string>): string[] {
  return runs
    .filter(({ target, repeat }) => repeat > 1 && targets.has(target))
    .filter((run) => {
      const first = runs.find(
        ({ target, concurrency, repeat }) =>
          target === run.target && concurrency === run.concurrency && repeat === 1,
      );
      return first !== undefined && medianTtftMs(run) < CACHED_TTFT * medianTtftMs(first);
    })
    .map(nameOf);
}

function medianTtftMs({ requests }: RunRecord): number {
  return percentile(sortedCopy(requests.filter(isCompleted).map((one) => requestLatencies(one).ttftMs)), 50);
}

function nameOf({ target, concurrency, repeat }: RunRecord): string {
  return `${target}, concurrency ${concurrency}, repeat ${repeat}`;
}

function percentText(part: number): string {
  return `${Number((part * 100).toFixed(1))} %`;
}

function signedPercent(part: number): string {
  return `${part < 0 ? "−" : "+"}${percentText(Math.abs(part))}`;
}
