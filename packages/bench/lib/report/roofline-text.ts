/** The roofline in tables and sentences. Pure. */
import { formatBytes, instructionSetName } from "openvino-llm/internal";
import type { MachineLimits } from "../targets/machine-limits.js";
import type { TargetFacts } from "../targets/target-facts.js";
import type { LevelRoofline, TargetRoofline } from "../summary/roofline.js";
import { figure, NONE, shareText } from "./report-text.js";

/** What the shares mean. */
export const ROOFLINE_NOTE =
  "A limit is the longer of two times: that of reading the weights once and the keys and values that are looked back at, at the " +
  "read bandwidth, and that of all products at the peak rate, both measured here by small kernels. Decode: a step of all " +
  "sequences beside the median gap between two tokens. Prefill: a prompt beside the mean TTFT of single requests; at more it has " +
  "waiting in it. Above 100 % the caches gave what memory would have had to.";

/** Head and rows: a row for each level. */
export function rooflineTable(levels: readonly LevelRoofline[]): string[][] {
  const head = [
    "concurrency",
    "read in a step",
    "multiply-adds",
    "by memory, ms",
    "by compute, ms",
    "binds",
    "decode measured, ms",
    "of the limit",
    "prefill limit, ms",
    "binds",
    "of the limit",
  ];
  return [
    head,
    ...levels.map(({ concurrency, decode, prefill }) => [
      String(concurrency),
      formatBytes(decode.bytes),
      `${figure(decode.multiplyAdds / 1e9)} G`,
      figure(decode.memoryMs),
      figure(decode.computeMs),
      decode.bound,
      decode.measuredMs === null ? NONE : figure(decode.measuredMs),
      shareText(decode.share),
      prefill === null ? NONE : figure(prefill.limitMs),
      prefill?.bound ?? NONE,
      shareText(prefill?.share ?? null),
    ]),
  ];
}

/** Which limits hold, where compute begins to bind, and which kernels take the time. */
export function rooflineLines({
  unknown,
  bandwidth,
  peak,
  levels,
  computeBoundFrom,
}: TargetRoofline): string[] {
  if (unknown !== null) return [unknown];
  if (bandwidth === null || peak === null) return [];
  const threads = `${bandwidth.threads} ${bandwidth.threads === 1 ? "thread" : "threads"}`;
  const shift =
    computeBoundFrom === null
      ? "a decoding step is bound by memory at every number of sequences up to 4,096"
      : computeBoundFrom === 1
        ? "a decoding step is bound by compute from one sequence on"
        : `a decoding step is bound by memory up to ${computeBoundFrom - 1} sequences, by compute from ${computeBoundFrom} on`;
  return [
    `limits: ${figure(bandwidth.bytesPerSecond / 1e9)} GB/s (${threads}), ` +
      `${figure(peak.multiplyAddsPerSecond / 1e9)} G multiply-adds/s in ${peak.precision} (${instructionSetName(peak.instructions)}); ${shift}`,
    ...levels.flatMap(({ concurrency, slow }) => slow.map((line) => `at ${concurrency}: ${line}`)),
  ];
}

/** "decode 43.1 % of the limit (memory)" for each level: what a terminal has room for. */
export function rooflineShares(levels: readonly LevelRoofline[]): string[] {
  const shares = levels.map(
    ({ concurrency, decode }) => `${shareText(decode.share)} at ${concurrency} (${decode.bound})`,
  );
  return shares.length === 0 ? [] : [`decode, of the limit: ${shares.join(", ")}`];
}

/** The measured limits of the machine: what, on what, how fast. */
export function machineLimitRows(targets: readonly TargetFacts[]): string[][] {
  const limits = targets
    .map((facts) => facts.limits)
    .find((found) => found !== undefined && found !== null && !("message" in found));
  if (limits === undefined || limits === null || "message" in limits) return [];
  return limitRows(limits);
}

function limitRows({ readBandwidth, multiplyRates }: MachineLimits): string[][] {
  return [
    ["measured", "on", "per second"],
    ...readBandwidth.map(({ threads, bytesPerSecond }) => [
      "reading memory",
      `${threads} ${threads === 1 ? "thread" : "threads"}`,
      `${figure(bytesPerSecond / 1e9)} GB`,
    ]),
    ...multiplyRates.map(({ precision, instructions, multiplyAddsPerSecond }) => [
      `multiply-adds, ${precision}`,
      instructionSetName(instructions),
      `${figure(multiplyAddsPerSecond / 1e9)} G`,
    ]),
  ];
}
