// Builds the site and opens every page in Chromium, 1,200 and 400 pixels wide, light and dark: errors in the console, requests
// that fail or go elsewhere, dead links and anchors, pages wider than their window, diagrams that are not drawn, the search.
//   node scripts/site-check.mjs [--built] [--pictures FOLDER]     --built: what is in docs/site/html already
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { parseArgs } from "node:util";
import { findChromium, startChromium } from "../test/helpers/chromium.mjs";
import { printFailure, withProgress } from "./progress.mjs";
import { buildSite, SITE_HTML } from "./site.mjs";

const WIDTHS = [1200, 400];
const SCHEMES = ["light", "dark"];
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };

const { values } = parseArgs({ options: { built: { type: "boolean" }, pictures: { type: "string" } } });

/** Serves a folder on loopback, and says 404 for what is not in it. */
async function serve(folder) {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const path = pathname === "/" ? "/index.html" : pathname;
    readFile(join(folder, path)).then(
      (body) => response.setHeader("Content-Type", TYPES[extname(path)] ?? "application/json").end(body),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return { server, origin: `http://127.0.0.1:${server.address().port}` };
}

/** Runs in the page. */
function look() {
  const links = [...document.querySelectorAll(".vp-doc a[href], .VPSidebar a[href], .VPNav a[href]")];
  return {
    width: document.documentElement.scrollWidth,
    window: window.innerWidth,
    ids: [...document.querySelectorAll("[id]")].map(({ id }) => id),
    links: links.map(({ href }) => href),
    isDark: document.documentElement.classList.contains("dark"),
  };
}

/** All pages at one width and in one scheme. */
async function view(browser, origin, pages, { width, colorScheme, report, onSeen }) {
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
  const page = await context.newPage();
  let name = "";
  const say = (problem) => report(`${name} (${width}, ${colorScheme}): ${problem}`);
  page.on("console", (message) => message.type() === "error" && say(message.text()));
  page.on("pageerror", (error) => say(error.message));
  page.on(
    "response",
    (response) => response.status() >= 400 && say(`${response.status()} ${response.url()}`),
  );
  page.on("request", (request) => {
    const isOwn = request.url().startsWith(origin) || /^(?:data|blob):/.test(request.url());
    if (!isOwn) say(`asks ${request.url()}`);
  });
  for (name of pages) {
    await page.goto(`${origin}/${name}`, { waitUntil: "networkidle" });
    await page.waitForFunction(() =>
      [...document.querySelectorAll(".diagram")].every((diagram) => diagram.querySelector("svg")),
    );
    const found = await page.evaluate(look);
    if (found.width > found.window) say(`${found.width} pixels wide`);
    if (found.isDark !== (colorScheme === "dark")) say("is not in the colours asked for");
    onSeen(name, found);
    if (values.pictures) {
      const path = join(values.pictures, `${name.replace(".html", "")}-${width}-${colorScheme}.png`);
      await page.screenshot({ path });
    }
  }
  await context.close();
}

async function check(browser, origin, pages, onPage) {
  const problems = new Set();
  const report = (problem) => problems.add(problem);
  /** What is in each page; links are compared when all were seen. */
  const seen = new Map();
  const onSeen = (name, found) => {
    seen.set(name, found);
    onPage(name);
  };
  const views = WIDTHS.flatMap((width) =>
    SCHEMES.map((colorScheme) => ({ width, colorScheme, report, onSeen })),
  );
  await Promise.all(views.map((options) => view(browser, origin, pages, options)));
  for (const problem of [...deadLinks(seen, origin), ...(await searchProblems(browser, origin))])
    report(problem);
  return [...problems];
}

function deadLinks(seen, origin) {
  return [...seen].flatMap(([name, { links }]) =>
    links
      .filter((link) => link.startsWith(origin))
      .flatMap((link) => {
        const { pathname, hash } = new URL(link);
        const target = seen.get(pathname === "/" ? "index.html" : pathname.slice(1));
        const anchor = decodeURIComponent(hash.slice(1));
        if (target === undefined) return [`${name}: ${pathname} is not there`];
        return anchor === "" || target.ids.includes(anchor) ? [] : [`${name}: ${pathname} has no ${anchor}`];
      }),
  );
}

async function searchProblems(browser, origin) {
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
  await page.goto(origin, { waitUntil: "networkidle" });
  await page.click(".DocSearch-Button");
  await page.fill(".search-input", "maxQueue");
  const result = await page.waitForSelector(".results .result", { timeout: 10_000 }).catch(() => null);
  await page.close();
  return result === null ? ["the search finds nothing for maxQueue"] : [];
}

try {
  const chromium = findChromium();
  if (chromium === null)
    throw new Error("There is no Chromium: put one on PATH, or name it by CHROMIUM_PATH.");
  if (!values.built && (await buildSite()) !== 0) throw new Error("The site was not built.");
  const pages = (await readdir(SITE_HTML)).filter((file) => file.endsWith(".html") && file !== "404.html");
  if (pages.length < 20) throw new Error(`${SITE_HTML} has ${pages.length} pages only.`);
  const { server, origin } = await serve(SITE_HTML);
  const browser = await startChromium(chromium);
  try {
    const problems = await withProgress("Looking at the site", (onPage) =>
      check(browser, origin, pages, onPage),
    );
    const views = pages.length * WIDTHS.length * SCHEMES.length;
    console.log(
      problems.length === 0 ? `${views} views of ${pages.length} pages: all right` : problems.join("\n"),
    );
    process.exitCode = problems.length === 0 ? 0 : 1;
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
} catch (error) {
  printFailure(error);
  process.exitCode = 1;
}
