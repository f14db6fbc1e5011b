// The machine's own Chromium, for tests of pages. In JavaScript, as what drives pages is: code for a page needs the types of a
// browser, which the tests do not have.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** The variable CHROMIUM_PATH, or a Chromium on PATH; null where there is none. */
export function findChromium(env = process.env) {
  if (env["CHROMIUM_PATH"]) return env["CHROMIUM_PATH"];
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const paths = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return paths.find((path) => existsSync(path)) ?? null;
}

/** Chromium, as root without its sandbox, which does not run as root. */
export function startChromium(executablePath) {
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath, args });
}
