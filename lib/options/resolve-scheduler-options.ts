/**
 * Scheduler options, checked and merged over the defaults. GenAI checks little of them before the first request runs, and
 * part of them never.
 */
import { invalidArgType } from "../errors/errors.js";
import { checkOptionValue, plainObjectEntries, unknownOption } from "./option-checks.js";
import type { ResolvedSchedulerConfig, SchedulerOptions } from "./scheduler-options.js";
import { checkSchedulerRules } from "./scheduler-rules.js";
import { SCHEDULER, type AnyTable, type GroupSpec } from "./scheduler-table.js";

/**
 * Checks scheduler options and merges them over the defaults. `undefined` values count as absent.
 *
 * @returns a deeply frozen copy with every value present.
 * @throws TypeError for an unknown option, a value of the wrong type, and options that contradict each other.
 * @throws RangeError for a value outside its range, or outside what another option leaves of it.
 */
export function resolveSchedulerOptions(
  options: unknown,
  where = "options.scheduler",
): ResolvedSchedulerConfig {
  const given: SchedulerOptions = Object.fromEntries(plainObjectEntries(where, options));
  // Every name of the table has a value now, and each passed its check.
  const merged = merge(SCHEDULER, given, where) as ResolvedSchedulerConfig;
  const eviction = merged.cacheEvictionConfig;
  const config: ResolvedSchedulerConfig = Object.freeze({
    ...merged,
    maxNumSeqs:
      given.maxNumSeqs === undefined
        ? Math.min(merged.maxNumSeqs, merged.maxNumBatchedTokens)
        : merged.maxNumSeqs,
    useCacheEviction: given.useCacheEviction ?? given.cacheEvictionConfig !== undefined,
    cacheEvictionConfig:
      given.cacheEvictionConfig?.snapkvWindowSize === undefined && eviction.aggregationMode === "norm-sum"
        ? Object.freeze({ ...eviction, snapkvWindowSize: 0 })
        : eviction,
    useSparseAttention: given.useSparseAttention ?? given.sparseAttentionConfig !== undefined,
  });
  checkSchedulerRules(config, where);
  return config;
}

function merge({ options, aliases, notOffered }: GroupSpec<AnyTable>, value: unknown, where: string): object {
  const given = new Map(plainObjectEntries(where, value).filter(([, item]) => item !== undefined));
  for (const [name, item] of given) {
    if (Object.hasOwn(options, name)) continue;
    const full = `${where}.${name}`;
    const reason = Object.hasOwn(notOffered, name) ? notOffered[name] : undefined;
    if (reason !== undefined) throw invalidArgType(full, "no value", item, reason);
    throw unknownOption(full, name, item, options, aliases);
  }
  const entries = Object.entries(options).map(([name, spec]) => {
    const full = `${where}.${name}`;
    if (spec.kind === "group") return [name, merge(spec, given.get(name), full)];
    return [name, given.has(name) ? checkOptionValue(full, spec, given.get(name), null) : spec.default];
  });
  return Object.freeze(Object.fromEntries(entries));
}
