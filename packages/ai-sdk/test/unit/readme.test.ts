import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

// README shows the files of the example.

const text = (path: string) => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8");

it.each([
  ["js", "next.config.mjs"],
  ["ts", "app/api/chat/route.ts"],
  ["tsx", "app/page.tsx"],
])("README has the %s of %s as it is", (language, file) => {
  const block = `\`\`\`${language}\n// ${file}\n${text(`examples/next-chat/${file}`)}\`\`\`\n`;
  expect(text("README.md")).toContain(block);
});
