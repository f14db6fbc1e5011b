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
async function look() {
  const isShown = (element) => element.checkVisibility();
  const shownTables = [...document.querySelectorAll(".scroll")]
    .filter(isShown)
    .map((box) => box.getAttribute("aria-label"));
  // What is folded must be tidy too.
  for (const folded of document.querySelectorAll("details")) folded.open = true;
  // Animations that follow a box's scrolling begin with a frame.
  for (let frame = 0; frame < 2; frame++) await new Promise((done) => requestAnimationFrame(done));
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
  // Points of a mark's outline, on the screen; an area's inside is asked for apart.
  const pointsOf = (mark) => {
    const toScreen = mark.getScreenCTM();
    const length = mark.getTotalLength();
    const count = Math.ceil(length / 2) + 1;
    return Array.from({ length: count }, (_, index) =>
      mark.getPointAtLength((length * index) / Math.max(1, count - 1)).matrixTransform(toScreen),
    );
  };
  const isDrawn = (paint) => paint !== null && paint !== "none" && paint !== "transparent";
  const covers = (mark, box) => {
    if (!isDrawn(mark.getAttribute("fill"))) return false;
    const middle = new DOMPoint((box.left + box.right) / 2, (box.top + box.bottom) / 2);
    return mark.isPointInFill?.(middle.matrixTransform(mark.getScreenCTM().inverse())) ?? false;
  };
  const marksOf = (chart) =>
    [...chart.querySelectorAll(".role-mark")]
      .flatMap((group) => [...group.querySelectorAll("path, line, rect")])
      .filter((mark) => mark.getTotalLength() > 0);
  const crossedTextsOf = (chart) => {
    const texts = textsOf(chart).map((text) => ({ text, box: boxOf(text) }));
    return marksOf(chart).flatMap((mark) => {
      const points = pointsOf(mark);
      const isIn = ({ x, y }, box) =>
        x > box.left + 0.5 && x < box.right - 0.5 && y > box.top + 1.5 && y < box.bottom - 1.5;
      return texts
        .filter(({ box }) => points.some((point) => isIn(point, box)) || covers(mark, box))
        .map(({ text }) => `${nameOf(text)} × ${nameOf(mark.parentElement)}`);
    });
  };

  const boxes = [...document.querySelectorAll(".scroll")].filter(isShown);
  const isWider = (box) => box.scrollWidth > box.clientWidth + 1;
  const isHinted = (box) => getComputedStyle(box, "::before").display !== "none";
  const contentOf = (cell) => {
    const range = document.createRange();
    range.selectNodeContents(cell);
    return range;
  };
  const overflowingCells = [...document.querySelectorAll("th, td")].filter((cell) => {
    if (!isShown(cell) || cell.querySelector(".unseen") !== null) return false;
    return boxOf(contentOf(cell)).right > boxOf(cell).right + 1;
  });
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
    crossedTexts: charts.flatMap(crossedTextsOf),
    marks: charts.reduce((sum, chart) => sum + marksOf(chart).length, 0),
    overflowingCells: overflowingCells.map(nameOf),
    shownTables,
    wideTables: boxes.filter(isWider).length,
    wronglyHinted: boxes
      .filter((box) => isWider(box) !== isHinted(box))
      .map((box) => box.getAttribute("aria-label")),
    blockOverlaps: parents.flatMap((parent) => overlapsOf([...parent.children].filter(isSeen), 1)),
    repeatedIds: ids.filter((id, index) => ids.indexOf(id) !== index),
    deadLinks: [...document.querySelectorAll('a[href^="#"]')]
      .map((link) => link.getAttribute("href").slice(1))
      .filter((id) => document.getElementById(id) === null),
    isWiderThanWindow: document.documentElement.scrollWidth > window.innerWidth,
  };
}
