// `npm run site`: builds a website of the documents into docs/site/html. VitePress has a project of its own there. GITHUB_SERVER_URL
// and GITHUB_REPOSITORY say where links to other files of the repository lead; SITE_BASE is the folder below its host, such as
// /openvino-llm/, by default /.
import { join } from "node:path";
import { isMain } from "./is-main.mjs";
import { printFailure } from "./progress.mjs";
import { showTool } from "./run-tool.mjs";
import { writePages } from "./site/pages.mjs";
import { installSite, SITE } from "./site/project.mjs";

/** Where the built site is. */
export const SITE_HTML = join(SITE, "html");

/** @returns {Promise<number>} VitePress's exit code */
export async function buildSite() {
  await installSite();
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = process.env;
  await writePages(server && repository ? `${server}/${repository}` : null);
  const vitepress = join(SITE, "node_modules", "vitepress", "bin", "vitepress.js");
  return showTool(process.execPath, [vitepress, "build", "."], { cwd: SITE });
}

if (isMain(import.meta.url)) {
  try {
    process.exitCode = await buildSite();
    if (process.exitCode === 0) console.log(`The site is in ${SITE_HTML}`);
  } catch (error) {
    printFailure(error);
    process.exitCode = 1;
  }
}
