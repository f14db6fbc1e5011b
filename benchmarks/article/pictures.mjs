/**
 * Takes the charts out of a report as pictures:
 *
 *     node benchmarks/article/pictures.mjs <results folder> <folder for the pictures>
 *
 * Needs chromium, as test/browser does.
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { findChromium, startChromium } from "../../test/helpers/chromium.mjs";

const SECTIONS = ["over-concurrency", "ratios"];

const [results, out] = process.argv.slice(2);
if (results === undefined || out === undefined) {
  throw new Error("Usage: node benchmarks/article/pictures.mjs <results folder> <folder for the pictures>");
}
const executable = findChromium();
if (executable === null) throw new Error("No chromium on PATH. Install it, or set CHROMIUM_PATH.");
const browser = await startChromium(executable);
try {
  const page = await browser.newPage({ viewport: { width: 1100, height: 900 }, colorScheme: "light" });
  await page.goto(pathToFileURL(resolve(results, "report.html")).href);
  for (const id of SECTIONS) {
    await page.locator(`#${id}`).screenshot({ path: resolve(out, `${id}.png`) });
  }
} finally {
  await browser.close();
}
