/** A search for capacity that has ended. */
import type { CapacityPoint, CapacityReport } from "../../../lib/capacity/capacity-report.js";
import { clopperPearson } from "../../../lib/stats/binomial.js";
import { ENVIRONMENT, factsOf } from "../sample-data.js";

function point(load: number, requests: number, good: number, state: CapacityPoint["state"]): CapacityPoint {
  const interval = clopperPearson(good, requests);
  return {
    load,
    requests,
    good,
    interval,
    state,
    ttftMs: 350 * load,
    tpotMs: 15 * load,
    requestsPerSecond: load / 10,
  };
}

export function capacityReport(fields: Partial<CapacityReport> = {}, label = "phi"): CapacityReport {
  return {
    schema: 1,
    created: "2026-01-31T12:00:00.000Z",
    target: factsOf(label),
    share: 0.99,
    serviceLevels: { ttftMs: 3000, tpotMs: 100 },
    confidence: 0.95,
    requests: { inputLength: 128, outputLength: 128, rangeRatio: 0, dataset: "random", seed: 0 },
    users: {
      kind: "users",
      highest: 6,
      failing: 7,
      open: null,
      end: "decided",
      points: [
        point(1, 8, 8, "open"),
        point(2, 8, 8, "open"),
        point(4, 8, 8, "open"),
        point(6, 450, 450, "holds"),
        point(7, 4, 1, "fails"),
        point(8, 4, 0, "open"),
      ],
    },
    rate: {
      kind: "rate",
      highest: 0.52,
      failing: 0.57,
      open: null,
      end: "decided",
      points: [point(0.32, 32, 32, "open"), point(0.52, 470, 470, "holds"), point(0.57, 40, 32, "fails")],
    },
    elapsedMs: 1_100_000,
    environment: ENVIRONMENT,
    ...fields,
  };
}
