import { describe, expect, it } from "vitest";
import { capacityHtml, shareChart } from "../../../lib/capacity/capacity-html.js";
import type { CapacityCurve, CapacityOptions, CapacityPoint } from "../../../lib/capacity/capacity-report.js";
import { capacityLine, capacityMarkdown, withinText } from "../../../lib/capacity/capacity-text.js";
import { benchOptionsOf } from "../../../lib/capacity/find-capacity.js";
import { loadRenderer } from "../../../lib/report/html/charts/render.js";
import { capacityReport } from "./sample-report.js";

describe("the report of a search for capacity", () => {
  it("says in one line how many users there can be", () => {
    expect(capacityLine(capacityReport())).toBe(
      "This machine serves 6 users within 3 s and 100 ms (99 % of the requests, 95 % confidence); " +
        "in a Poisson process it takes 0.52 requests per second.",
    );
    expect(withinText({ e2elMs: 12_500 })).toBe("12.5 s");
  });

  it("says what is not shown", () => {
    const nothing = curve("users", { highest: 0, failing: 1 });
    expect(capacityLine(capacityReport({ users: nothing, rate: null }))).toBe(
      "This machine is not shown to serve 6 users within 3 s and 100 ms (99 % of the requests, 95 % confidence).",
    );
    const short = curve("users", { highest: 0, end: "budget" });
    expect(capacityLine(capacityReport({ users: short, rate: null }))).toMatch(/serve 6 users within 3 s/);
    const open = curve("users", { highest: 0, failing: null, open: 6, end: "budget" });
    expect(capacityLine(capacityReport({ users: open, rate: null }))).toContain(
      "; 6 looks good and is not decided",
    );
    expect(capacityLine(capacityReport({ users: { ...open, points: [] }, rate: null }))).toContain(
      "Nothing was measured",
    );
  });

  it("has a row for each load", () => {
    const text = capacityMarkdown(capacityReport());
    expect(text).toContain("| 6 | 450 | 100.0 % | 99.2 % to 100.0 % | 2,100 | 90.0 | 0.60 | kept |");
    expect(text).toMatch(/## Requests per second \(Poisson process\)/);
  });

  it("is a page with a picture of each curve, whose names cannot do anything", async () => {
    const text = await capacityHtml(capacityReport({}, "<script>alert(1)</script>"));
    expect(text).not.toContain("<script");
    expect(text.match(/<svg\s+class="chart"/g)).toHaveLength(2);
    expect(text).toContain("This machine serves 6 users within 3 s and 100 ms");
    expect(await capacityHtml(capacityReport({ rate: null }))).not.toContain("Poisson process</h2>");
  });

  it.each([
    ["rate", 0.011],
    ["rate", 0.1],
    ["rate", 0.57],
    ["rate", 13],
    ["users", 1],
    ["users", 3],
    ["users", 70],
    ["users", 1024],
  ] as const)("labels the axis of %s up to %d by different plain numbers", async (kind, load) => {
    const [point] = capacityReport().users.points as [CapacityPoint];
    const chart = shareChart({ ...curve(kind, {}), points: [{ ...point, load }] }, 0.99);
    const draw = await loadRenderer();
    const labels = [...(await draw(chart)).markup.matchAll(/>([^<%]*\d[^<%]*)<\/text>/g)].map(([, text]) =>
      text?.replace(/,/g, ""),
    );
    expect(labels.length).toBeGreaterThanOrEqual(2);
    expect(new Set(labels).size).toBe(labels.length);
    for (const label of labels) expect(label).toMatch(kind === "users" ? /^\d+$/ : /^[\d.]+$/);
    expect(Math.max(...labels.map(Number))).toBeGreaterThanOrEqual(load * 0.75);
  });

  it.each([
    [{ share: 1 }, "options.share"],
    [{ maxUsers: 0 }, "options.maxUsers"],
    [{ serviceLevels: {} }, "options.serviceLevels"],
    [{ levels: [1] }, "options.levels"],
  ])("refuses %j", (options, name) => {
    expect(() => benchOptionsOf(options as CapacityOptions)).toThrow(name);
  });
});

function curve(kind: CapacityCurve["kind"], fields: Partial<CapacityCurve>): CapacityCurve {
  const points: readonly CapacityPoint[] = capacityReport().users.points.slice(3, 4);
  return { kind, highest: 0, failing: null, open: null, end: "decided", points, ...fields };
}
