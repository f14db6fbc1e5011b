// Runs the demo in a terminal and draws what the terminal shows then: docs/demo.svg, the picture of README.
//   node scripts/demo-picture.mjs [question]
// The terminal is made by `script` of util-linux; @xterm/headless, of docs/site, reads what comes.
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { screenAfter } from "./demo-picture/screen.mjs";
import { svgOf } from "./demo-picture/svg.mjs";
import { runInTerminal } from "./demo-picture/terminal.mjs";
import { printFailure } from "./progress.mjs";

import { installSite, SITE } from "./site/project.mjs";

const PICTURE = join(SITE, "..", "demo.svg");
const SIZE = { columns: 110, rows: 50 };
const LIMIT_BYTES = 100_000;
const question = process.argv[2] ?? "Write one sentence about the sea.";

try {
  await installSite();
  const { Terminal } = createRequire(join(SITE, "package.json"))("@xterm/headless");
  const command = ["npm", "run", "--silent", "demo", "--", question];
  const { code, output } = await runInTerminal(command, SIZE);
  if (code !== 0) throw new Error(`The demo ended with ${code}.\n${output}`);
  const lines = await screenAfter(Terminal, output, SIZE);
  const svg = svgOf(lines, {
    columns: SIZE.columns,
    title: `npm run demo -- "${question}"`,
    description: lines
      .map((line) =>
        line
          .map(({ text }) => text)
          .join("")
          .trimEnd(),
      )
      .join("\n"),
  });
  if (svg.length > LIMIT_BYTES)
    throw new Error(`The picture has ${svg.length} bytes, more than ${LIMIT_BYTES}.`);
  await writeFile(PICTURE, svg);
  console.log(`${PICTURE}: ${svg.length} bytes`);
} catch (error) {
  printFailure(error);
  process.exitCode = 1;
}
