// Opens a report in headless Chromium and says what a reader would see. In JavaScript, because code for a page needs the
// types of a browser, which nothing else here does.
import { pathToFileURL } from "node:url";

/** A4 on its side without the margins of 12 mm, in CSS pixels. */
const PAPER_WIDTH = Math.floor(((297 - 24) / 25.4) * 96);

/** Opens a file and looks at it. */
export function visit(browser, file, { width, colorScheme }) {
  return opened(browser, file, { width, colorScheme }, (page) => page.evaluate(look));
}

/** The file on paper, in the format that it asks for. */
export function print(browser, file) {
  return opened(browser, file, { width: PAPER_WIDTH, colorScheme: "dark" }, async (page) => {
    const pdf = await page.pdf({ preferCSSPageSize: true });
    await page.emulateMedia({ media: "print" });
    return { ...(await page.evaluate(look)), pdf };
  });
}

async function opened(browser, file, { width, colorScheme }, use) {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  const [messages, requests] = [[], []];
  page.on("console", (message) => messages.push(message.text()));
  page.on("pageerror", (error) => messages.push(String(error)));
  page.on("request", (request) => requests.push(request.url()));
  const url = pathToFileURL(file).href;
  try {
    await page.goto(url);
    const found = await use(page);
    return { ...found, messages, otherRequests: requests.filter((one) => one !== url) };
  } finally {
    await page.close();
  }
}

/** Runs in the page. */
function look() {
  const isSeen = (element) => element.checkVisibility() && !element.classList.contains("unseen");
  const boxOf = (element) => element.getBoundingClientRect();
  const isOver = (a, b, by) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > by &&
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > by;
  const nameOf = (element) =>
    `${element.tagName.toLowerCase()}.${element.getAttribute("class") ?? ""} ${element.textContent.trim().slice(0, 60)}`;

  const overlapsOf = (elements, by) =>
    elements.flatMap((a, index) =>
      elements
        .slice(index + 1)
        .filter((b) => isOver(boxOf(a), boxOf(b), by))
        .map((b) => `${nameOf(a)} × ${nameOf(b)}`),
    );

  const charts = [...document.querySelectorAll("svg.chart")].filter(isSeen);
  const textsOf = (chart) => [...chart.querySelectorAll("text")].filter((text) => text.textContent !== "");
  const isInside = (text, chart) => {
    const [inner, outer] = [boxOf(text), boxOf(chart)];
    return (
      inner.left >= outer.left - 1 &&
      inner.right <= outer.right + 1 &&
      inner.top >= outer.top - 1 &&
      inner.bottom <= outer.bottom + 1
    );
  };
  const parents = [
    document.body,
    ...document.querySelectorAll("header, main, section, figure, .charts, .columns, .legend"),
  ];
  const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
  return {
    title: document.title,
    background: getComputedStyle(document.body).backgroundColor,
    scripts: document.scripts.length,
    charts: charts.map((chart) => ({
      name: chart.getAttribute("aria-label"),
      role: chart.getAttribute("role"),
      width: boxOf(chart).width,
      height: boxOf(chart).height,
      texts: textsOf(chart).length,
      smallestText: Math.min(...textsOf(chart).map((text) => boxOf(text).height)),
    })),
    textOverlaps: charts.flatMap((chart) => overlapsOf(textsOf(chart), 1.5)),
    clippedTexts: charts.flatMap((chart) =>
      textsOf(chart)
        .filter((text) => !isInside(text, chart))
        .map(nameOf),
    ),
    blockOverlaps: parents.flatMap((parent) => overlapsOf([...parent.children].filter(isSeen), 1)),
    repeatedIds: ids.filter((id, index) => ids.indexOf(id) !== index),
    deadLinks: [...document.querySelectorAll('a[href^="#"]')]
      .map((link) => link.getAttribute("href").slice(1))
      .filter((id) => document.getElementById(id) === null),
    isWiderThanWindow: document.documentElement.scrollWidth > window.innerWidth,
  };
}
