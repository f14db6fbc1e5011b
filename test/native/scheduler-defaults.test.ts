import { describe, expect, it } from "vitest";
import { SCHEDULER, type AnyTable, type GroupSpec } from "../../lib/options/scheduler-table.js";
import { askOracle, oracle } from "./ask-oracle.js";
import { given } from "../helpers/needs.js";
import { oracleNeed } from "../helpers/oracle.js";

type Fields = Readonly<Record<string, unknown>>;

/** GenAI's fields that this library does not offer. */
const NOT_OFFERED = { num_linear_attention_blocks: 0, cache_interval_multiplier: null };
const NOT_OFFERED_IN_EVICTION = {
  adaptive_rkv_config: { attention_mass: 0.9, window_size: 8 },
  apply_rotation: false,
};

describe("the table of scheduler options", given(oracleNeed(oracle)), () => {
  it("has exactly the library's fields and defaults, but for those that are not offered", async () => {
    const table = defaultsOf(SCHEDULER);
    const eviction = table["cache_eviction_config"] as Record<string, number>;
    const { start_size = 0, recent_size = 0, max_cache_size = 0 } = eviction;
    expect({
      ...table,
      ...NOT_OFFERED,
      cache_eviction_config: {
        ...eviction,
        ...NOT_OFFERED_IN_EVICTION,
        evictable_size: max_cache_size - start_size - recent_size,
      },
    }).toEqual(await askOracle(["scheduler"]));
  });
});

/** The defaults of the table in the library's terms. */
function defaultsOf({ options }: GroupSpec<AnyTable>): Fields {
  const entries = Object.entries(options).map(([name, spec]): [string, unknown] => {
    if (spec.kind === "group") return [keyOf(name), defaultsOf(spec)];
    const value = spec.default;
    if (typeof value === "string") return [keyOf(name), value.toUpperCase().replaceAll("-", "_")];
    return [keyOf(name), spec.kind === "float" ? Math.fround(Number(value)) : value];
  });
  return Object.fromEntries(entries);
}

function keyOf(name: string): string {
  return name === "cacheSizeGb"
    ? "cache_size"
    : name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
