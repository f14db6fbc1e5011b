// Opens the chat page in headless Chromium, uses it as a person does, and says what a reader would see.

const ANSWER_PATH = "/v1/chat/completions";
const HEIGHT = 800;
const ENDED = 'article.answer[aria-busy="false"]';

/** Opens the page of a server. */
export async function openChat(browser, url, { width, colorScheme }) {
  const page = await browser.newPage({ viewport: { width, height: HEIGHT }, colorScheme });
  const [messages, otherOrigins, bodies] = [[], [], []];
  page.on("console", (message) => messages.push(message.text()));
  page.on("pageerror", (error) => messages.push(String(error)));
  page.on("request", (request) => {
    const { origin, pathname } = new URL(request.url());
    if (origin !== new URL(url).origin) otherOrigins.push(origin);
    if (pathname === ANSWER_PATH) bodies.push(request.postDataJSON());
  });
  await page.goto(url);
  const field = page.locator("#message");
  return {
    messages,
    otherOrigins,
    bodies,
    models: async () => {
      await page.waitForSelector("#model:enabled");
      return page.locator("#model option").allTextContents();
    },
    choose: (model) => page.selectOption("#model", model),
    set: async (id, value) => {
      if (!(await page.locator("#settings[open]").count())) await page.click("#settings summary");
      await page.fill(`#${id}`, value);
    },
    type: async (...keys) => {
      for (const key of keys) await field.press(key);
    },
    message: () => field.inputValue(),
    send: async (text) => {
      await field.fill(text);
      await field.press("Enter");
    },
    click: (button) => page.getByRole("button", { name: button, exact: true }).click(),
    giveKey: async (key) => {
      await page.fill("#key", key);
      await page.press("#key", "Enter");
    },
    asksForKey: () => page.locator("#key-form").isVisible(),
    alert: () => page.locator('[role="alert"]:not([hidden])').textContent(),
    hasTokens: (least) =>
      page.waitForFunction((count) => {
        const tokens = [...document.querySelectorAll("dd.tokens")].at(-1)?.textContent ?? "";
        return Number(tokens.replaceAll(",", "")) >= count;
      }, least),
    answers: async (ended) => {
      await page.waitForFunction(
        ([selector, count]) => document.querySelectorAll(selector).length === count,
        [ENDED, ended],
      );
      return page.evaluate(lookAtAnswers);
    },
    questions: () => page.locator("article.user p").allTextContents(),
    look: () => page.evaluate(look),
    view: async ({ width, colorScheme }) => {
      await page.setViewportSize({ width, height: HEIGHT });
      await page.emulateMedia({ colorScheme });
    },
    stored: () =>
      page.evaluate(() => [
        ...Object.values(localStorage),
        ...Object.values(sessionStorage),
        document.cookie,
      ]),
    close: () => page.close(),
  };
}

/** Runs in the page. */
function lookAtAnswers() {
  return [...document.querySelectorAll("article.answer")].map((answer) => {
    const textOf = (selector) => answer.querySelector(selector)?.textContent ?? "";
    // A point is a line without length.
    const points = ["first", "points"].map(
      (name) => answer.querySelector(`.latency .${name}`).getAttribute("d")?.match(/h0/g)?.length ?? 0,
    );
    return {
      model: textOf(".name"),
      text: textOf(".blocks"),
      code: [...answer.querySelectorAll("pre")].map(({ textContent }) => textContent),
      reasoning: textOf(".reasoning p"),
      isReasoningOpen: answer.querySelector(".reasoning").open,
      ending: textOf(".ending"),
      ttft: textOf(".ttft"),
      rate: textOf(".rate"),
      tokens: Number(textOf(".tokens").replaceAll(",", "")),
      points: points[0] + points[1],
      pictureName: answer.querySelector(".latency svg").getAttribute("aria-label"),
      measured: textOf(".measured"),
    };
  });
}

/** Runs in the page. */
function look() {
  const isSeen = (element) => element.checkVisibility() && element.closest(".unseen") === null;
  const channelsOf = (color) => color.match(/[\d.]+/g).map(Number);
  const groundOf = (element) => {
    for (let one = element; one !== null; one = one.parentElement) {
      const [red, green, blue, alpha = 1] = channelsOf(getComputedStyle(one).backgroundColor);
      if (alpha === 1) return [red, green, blue];
    }
    return [255, 255, 255];
  };
  const luminanceOf = (channels) => {
    const [red, green, blue] = channels.map((channel) => {
      const share = channel / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrastOf = (color, element) => {
    const [lower, higher] = [channelsOf(color), groundOf(element)].map(luminanceOf).toSorted((a, b) => a - b);
    return (higher + 0.05) / (lower + 0.05);
  };
  const nameOf = (element) => `${element.localName}#${element.id}.${element.className}`;
  const elements = [...document.body.querySelectorAll("*")].filter(isSeen);
  const isField = (element) => element.matches("input, textarea");
  const hasText = (element) =>
    isField(element) ||
    [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== "");
  const colorsOf = (element) => [
    getComputedStyle(element).color,
    ...(isField(element) ? [getComputedStyle(element, "::placeholder").color] : []),
  ];
  const controls = elements.filter((element) => element.matches("button, input, select, textarea, summary"));
  const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
  return {
    background: getComputedStyle(document.body).backgroundColor,
    isWiderThanWindow: document.documentElement.scrollWidth > window.innerWidth,
    faintTexts: elements
      .filter(
        (element) => hasText(element) && colorsOf(element).some((color) => contrastOf(color, element) < 4.5),
      )
      .map(nameOf),
    namelessControls: controls
      .filter((control) => !(control.labels?.length > 0) && control.textContent.trim() === "")
      .map(nameOf),
    repeatedIds: ids.filter((id, index) => ids.indexOf(id) !== index),
    foreignElements: document.querySelectorAll(".blocks > * *, .reasoning p *, .user p *").length,
  };
}
