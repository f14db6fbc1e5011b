import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { capacityHtml } from "../../lib/capacity/capacity-html.js";
import { htmlReport } from "../../lib/report/html/report.js";
import { findChromium, startChromium, type Chromium } from "../../../../test/helpers/chromium.mjs";
import { given, need } from "../../../../test/helpers/needs.js";
import { capacityReport } from "../unit/capacity/sample-report.js";
import { fullData } from "../unit/report/html/full-data.js";
import { dataOf } from "../unit/sample-data.js";
import { print, visit, type PageSeen } from "./report-page.mjs";

/** A model may be called anything. */
const HOSTILE = `gpt-oss<script>alert(1)&"'-20b`;

const executable = findChromium();

describe("pages of the benchmark in Chromium", given(need("Chromium", executable !== null)), () => {
  const folder = mkdtempSync(join(tmpdir(), "openvino-llm-report-"));
  let browser: Chromium;

  function write(name: string, page: string): void {
    writeFileSync(join(folder, name), page);
  }

  beforeAll(async () => {
    browser = await startChromium(executable ?? "");
    write("full.html", await htmlReport(fullData({ moe: HOSTILE })));
    write("small.html", await htmlReport(dataOf({}, { models: ["a-model-of-a-long-name".repeat(5)] })));
    write("capacity.html", await capacityHtml(capacityReport()));
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  const views = [
    { width: 1200, colorScheme: "light" },
    { width: 1200, colorScheme: "dark" },
    { width: 800, colorScheme: "light" },
    { width: 400, colorScheme: "light" },
    { width: 400, colorScheme: "dark" },
  ] as const;

  it.each(views)("is whole and tidy at $width pixels, $colorScheme", async (view) => {
    const page = await visit(browser, join(folder, "full.html"), view);
    expectTidy(page);
    expect(page.title).toBe("Benchmark of 4 models (in part random weights, 25 % of the layers)");
    expect(page.charts.filter(({ name }) => name?.includes(HOSTILE))).not.toEqual([]);
    // Six over concurrency, three of ratios, and gaps and steps of four models.
    expect(page.charts).toHaveLength(17);
    expect(page.background).toBe(view.colorScheme === "dark" ? "rgb(21, 24, 28)" : "rgb(255, 255, 255)");
    expect(page.wronglyHinted).toEqual([]);
    if (view.width === 400) expect(page.wideTables).toBeGreaterThan(5);
    expect(page.shownTables[0]).toBe("In short");
    expect(page.shownTables).not.toContain("Models");
    expect(page.shownTables).not.toContain("Machine and software");
  });

  it.each([1200, 400])("is tidy for one small model at %d pixels", async (width) => {
    const page = await visit(browser, join(folder, "small.html"), { width, colorScheme: "light" });
    expectTidy(page);
    expect(page.charts).toHaveLength(8);
  });

  it.each([
    { width: 1200, colorScheme: "light" },
    { width: 400, colorScheme: "dark" },
  ] as const)("is tidy for a search for capacity at $width pixels, $colorScheme", async (view) => {
    const page = await visit(browser, join(folder, "capacity.html"), view);
    expectTidy(page);
    expect(page.charts).toHaveLength(2);
    expect(page.wronglyHinted).toEqual([]);
  });

  it("fits on paper, dark on light whatever the screen is", async () => {
    const page = await print(browser, join(folder, "full.html"));
    expect(Buffer.from(page.pdf.subarray(0, 5)).toString()).toBe("%PDF-");
    expect(page.background).toBe("rgb(255, 255, 255)");
    expectTidy(page);
  });
});

function expectTidy(page: PageSeen): void {
  expect(page.messages).toEqual([]);
  expect(page.otherRequests).toEqual([]);
  expect(page.scripts).toBe(0);
  expect(page.repeatedIds).toEqual([]);
  expect(page.deadLinks).toEqual([]);
  expect(page.textOverlaps).toEqual([]);
  expect(page.clippedTexts).toEqual([]);
  expect(page.crossedTexts).toEqual([]);
  expect(page.marks).toBeGreaterThan(20);
  expect(page.overflowingCells).toEqual([]);
  expect(page.blockOverlaps).toEqual([]);
  expect(page.isWiderThanWindow).toBe(false);
  for (const chart of page.charts) {
    expect(chart).toMatchObject({ role: "img", name: expect.stringMatching(/\w{4}/) as string });
    expect(chart.width).toBeGreaterThan(300);
    expect(chart.height).toBeGreaterThan(200);
    expect(chart.texts).toBeGreaterThan(4);
    expect(chart.smallestText).toBeGreaterThan(10);
  }
}
