// The documents of the repository as pages of the site: which there are, in which order, and where their links lead there.
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { withLinks } from "./markdown.mjs";
import { ROOT, SITE } from "./project.mjs";

/** By task: a title, and pages by their place on the site, their source and their name in the menu. */
export const GROUPS = [
  [
    "Start",
    [
      ["index", "README.md", "What it is"],
      ["models", "docs/models.md", "Get a model"],
      ["cli", "docs/cli.md", "Command line"],
    ],
  ],
  [
    "Build",
    [
      ["many-users", "docs/many-users.md", "Many users"],
      ["structured-output", "docs/structured-output.md", "Structured output and tools"],
      ["api", "docs/api.md", "API"],
      ["ai-sdk", "packages/ai-sdk/README.md", "AI SDK"],
      ["langchain", "packages/langchain/README.md", "LangChain"],
      ["bundlers", "docs/bundlers.md", "Bundlers and frameworks"],
    ],
  ],
  [
    "Serve and scale",
    [
      ["scale", "docs/scale.md", "Serve and scale"],
      ["server", "packages/server/README.md", "The server"],
      ["containers", "docs/containers.md", "Containers"],
    ],
  ],
  [
    "Measure and tune",
    [
      ["tuning", "docs/tuning.md", "Measure and tune"],
      ["benchmark", "docs/benchmark.md", "The benchmark"],
      ["performance", "docs/performance.md", "Figures"],
      ["article", "docs/performance/article.md", "Intel's article, repeated"],
      ["peers-1b", "docs/performance/peers-1b.md", "Beside node-llama-cpp"],
    ],
  ],
  [
    "More about models",
    [
      ["prepare", "docs/prepare.md", "Prepare a model"],
      ["gguf", "docs/gguf.md", "GGUF files"],
      ["chat-templates", "docs/chat-templates.md", "Chat templates"],
    ],
  ],
  [
    "Limits",
    [
      ["limits", "docs/limits.md", "Limits"],
      ["engine-faults", "docs/engine-faults.md", "Settings of the engine"],
      ["security", "SECURITY.md", "Security"],
    ],
  ],
  [
    "Inside",
    [
      ["how-it-works", "docs/how-it-works.md", "How it works"],
      ["architecture", "docs/architecture.md", "Architecture"],
      ["contributing", "CONTRIBUTING.md", "Contributing"],
      ["changelog", "CHANGELOG.md", "Changes"],
    ],
  ],
];

const PAGES = GROUPS.flatMap(([, pages]) => pages);
const PLACES = new Map(PAGES.map(([place, source]) => [source, place === "index" ? "/" : `/${place}`]));
/** Packages whose README is a page: npm's own pages are not there before they are published. */
const PACKAGE_PLACES = new Map([
  ["openvino-llm", "/"],
  ["openvino-llm-ai-sdk", "/ai-sdk"],
  ["openvino-llm-langchain", "/langchain"],
  ["openvino-llm-server", "/server"],
]);
const NPM = "https://www.npmjs.com/package/";

/**
 * Writes all pages, with their pictures.
 * @param {string | null} repository where the sources are on the web; null: what is no page there is text without a link
 */
export async function writePages(repository) {
  const folder = join(SITE, "pages");
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, "public"), { recursive: true });
  const pictures = new Set();
  for (const [place, source] of PAGES) {
    const text = await readFile(join(ROOT, source), "utf8");
    const page = withLinks(text, (link) => {
      const path = posix.join(posix.dirname(source), link.target);
      if (link.isImage) pictures.add(path);
      return link.isImage ? `![${link.text}](/${path})` : changed(link, source, repository);
    });
    await writeFile(join(folder, `${place}.md`), page);
  }
  for (const picture of pictures) {
    await mkdir(join(folder, "public", dirname(picture)), { recursive: true });
    await copyFile(join(ROOT, picture), join(folder, "public", picture));
  }
}

function changed({ text, target, whole }, source, repository) {
  if (target.startsWith(NPM)) {
    const place = PACKAGE_PLACES.get(target.slice(NPM.length));
    return place === undefined ? whole : `[${text}](${place})`;
  }
  if (/^(?:[a-z]+:|#)/.test(target)) return whole;
  const [file, anchor] = target.split("#");
  const path = posix.join(posix.dirname(source), file);
  const place = PLACES.get(path);
  if (place !== undefined) return `[${text}](${place}${anchor === undefined ? "" : `#${anchor}`})`;
  return repository === null ? text : `[${text}](${repository}/blob/HEAD/${path})`;
}
