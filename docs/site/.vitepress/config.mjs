import { defineConfig } from "vitepress";
import { slugOf } from "../../../scripts/site/markdown.mjs";
import { GROUPS } from "../../../scripts/site/pages.mjs";

/** In the page itself, so that no browser asks for a favicon.ico. */
const ICON =
  "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><path fill='%233451b2' d='M1 9h3v6H1zm5-4h3v10H6zm5-4h3v14h-3z'/></svg>";

const itemsOf = (pages) =>
  pages.map(([place, , text]) => ({ text, link: place === "index" ? "/" : `/${place}` }));

export default defineConfig({
  title: "openvino-llm",
  description: "Large language models inside a Node.js process, on the CPU",
  base: process.env.SITE_BASE ?? "/",
  head: [["link", { rel: "icon", href: ICON }]],
  // `npm run site` writes the pages.
  srcDir: "pages",
  outDir: "html",
  cacheDir: "node_modules/.cache/vitepress",
  // Programs of examples and addresses of servers that a reader starts.
  ignoreDeadLinks: [/^https?:\/\/(?:127\.0\.0\.1|localhost)/],
  markdown: {
    // The anchors that git hosts make, which the documents use among themselves.
    anchor: { slugify: slugOf },
    config(md) {
      const fence = md.renderer.rules.fence;
      md.renderer.rules.fence = (tokens, index, ...rest) => {
        const { info, content } = tokens[index];
        return info.trim() === "mermaid"
          ? `<Diagram source="${encodeURIComponent(content)}" />`
          : fence(tokens, index, ...rest);
      };
    },
  },
  themeConfig: {
    search: { provider: "local" },
    outline: [2, 3],
    nav: ["Start", "Build", "Serve and scale", "Measure and tune"].map((title) => ({
      text: title,
      items: itemsOf(GROUPS.find(([name]) => name === title)[1]),
    })),
    sidebar: GROUPS.map(([text, pages]) => ({ text, items: itemsOf(pages) })),
  },
});
