/**
 * What scheduler options demand of each other. GenAI finds most of it when the first request runs, which then fails with
 * all others, and ignores the rest.
 */
import { invalidArgType, outOfRange } from "../errors/errors.js";
import type { ResolvedSchedulerConfig } from "./scheduler-options.js";

/** @throws TypeError or RangeError for options that do not go together. */
export function checkSchedulerRules(config: ResolvedSchedulerConfig, where: string): void {
  const { maxNumBatchedTokens, maxNumSeqs, numKvBlocks, cacheSizeGb } = config;
  if (maxNumSeqs > maxNumBatchedTokens) {
    // Without split-fuse GenAI throws; with it the requests beyond wait inside GenAI with their cache in hand.
    throw outOfRange(
      `${where}.maxNumSeqs`,
      `at most maxNumBatchedTokens (${maxNumBatchedTokens})`,
      maxNumSeqs,
    );
  }
  if (numKvBlocks > 0 && cacheSizeGb > 0) {
    throw invalidArgType(
      `${where}.numKvBlocks`,
      "0 or no value with cacheSizeGb",
      numKvBlocks,
      "Either sizes the cache.",
    );
  }
  const bound = numKvBlocks > 0 ? "numKvBlocks" : "cacheSizeGb";
  if (config.useCacheEviction && config[bound] > 0) {
    throw invalidArgType(
      `${where}.${bound}`,
      "0 or no value with cache eviction",
      config[bound],
      "GenAI 2026.4.1 crashes when such a cache is full.",
    );
  }
  checkEviction(config.cacheEvictionConfig, `${where}.cacheEvictionConfig`);
  const { xattentionBlockSize, xattentionStride } = config.sparseAttentionConfig;
  // With any other stride GenAI divides by zero or writes beyond its buffers.
  if (xattentionBlockSize % xattentionStride !== 0) {
    throw outOfRange(
      `${where}.sparseAttentionConfig.xattentionStride`,
      `a divisor of xattentionBlockSize (${xattentionBlockSize})`,
      xattentionStride,
    );
  }
}

function checkEviction(config: ResolvedSchedulerConfig["cacheEvictionConfig"], where: string): void {
  const { startSize, recentSize, maxCacheSize, snapkvWindowSize } = config;
  if (maxCacheSize <= startSize + recentSize) {
    throw outOfRange(
      `${where}.maxCacheSize`,
      `more than startSize + recentSize (${startSize} + ${recentSize})`,
      maxCacheSize,
    );
  }
  // GenAI counts the window's tokens among those after the start, also where the prompt has fewer of them.
  if (config.aggregationMode === "norm-sum" && snapkvWindowSize > 1) {
    throw outOfRange(`${where}.snapkvWindowSize`, '0 or 1 with aggregationMode "norm-sum"', snapkvWindowSize);
  }
}
