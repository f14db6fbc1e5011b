// Draws texts, has them cut by the tokenizers that the library makes from GGUF and by Hugging Face's, and prints for each
// way of cutting them (`tokenizer.ggml.pre`) how many have the same token ids, and the first that have not; exit code 1 when
// there is one. Needs dist/ and Python 3.10 or newer; fetches a wheel (4 MB).
//   node scripts/gguf-tokenizers.mjs [--texts 5000] [--seed 1] [--pre NAME] [--sweep] [--fixture FILE]
// --sweep: every character of Unicode, too. --fixture: writes a small vocabulary, some texts and their ids for the tests.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Tokenizer } from "../dist/index.js";
import { unzipWheel } from "../dist/download/python.js";
import { fetchWheel } from "../dist/download/wheels.js";
import { PRE_TOKENIZERS } from "../dist/models/gguf/pre-tokenizers.js";
import { tokenizerIr } from "../dist/models/store/gguf-tokenizer-ir.js";
import { askOracle, TOKENIZERS_WHEEL } from "./gguf-tokenizers/oracle.mjs";
import { ADDED, drawTexts, LONG_TEXTS, sweepTexts, WORDS } from "./gguf-tokenizers/texts.mjs";

const { values } = parseArgs({
  options: {
    texts: { type: "string", default: "5000" },
    seed: { type: "string", default: "1" },
    pre: { type: "string" },
    sweep: { type: "boolean", default: false },
    fixture: { type: "string" },
  },
});
const folder = mkdtempSync(join(tmpdir(), "openvino-llm-gguf-tokenizers-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
process.once("SIGINT", () => process.exit(130));
const site = join(folder, "site");
await unzipWheel(await fetchWheel(TOKENIZERS_WHEEL), site);

const seed = Number(values.seed);
const training = { train: drawTexts(2000, 0), words: WORDS, added: ADDED };
if (values.fixture !== undefined) {
  const texts = [...drawTexts(40, seed), ""];
  // One name for each set of rules.
  const names = new Map(
    [...PRE_TOKENIZERS].toReversed().map(([name, rules]) => [JSON.stringify(rules), name]),
  );
  const job = { ...training, size: 500, texts, pres: [...names.values()] };
  const { vocabulary, ids } = await askOracle(site, job);
  writeFileSync(values.fixture, `${JSON.stringify({ vocabulary, texts, ids })}\n`);
  process.exit();
}

const pres = [...PRE_TOKENIZERS.keys()].filter((pre) => values.pre === undefined || pre === values.pre);
const texts = [
  ...drawTexts(Number(values.texts), seed),
  ...LONG_TEXTS,
  ...(values.sweep ? sweepTexts() : []),
];
const { vocabulary, ids } = await askOracle(site, { ...training, size: 700, texts, pres });
for (const pre of pres) {
  const tokenizer = await load(pre);
  let [equal, first] = [0, null];
  for (const [index, text] of texts.entries()) {
    const found = [...(await tokenizer.encode(text, { addSpecialTokens: false }))];
    const wanted = ids[pre][index];
    if (found.length === wanted.length && found.every((id, at) => id === wanted[at])) equal++;
    else first ??= { text, wanted, found };
  }
  await tokenizer.close();
  console.log(
    `${pre}: ${equal} of ${texts.length} texts have the same token ids, ${texts.length - equal} have not`,
  );
  if (first === null) continue;
  process.exitCode = 1;
  const names = (row) => row.map((id) => vocabulary.tokens[id]).join(" ");
  console.log(`  ${JSON.stringify(first.text.slice(0, 400))}`);
  console.log(`  wanted ${names(first.wanted).slice(0, 600)}\n  found  ${names(first.found).slice(0, 600)}`);
}

async function load(pre) {
  const dir = mkdtempSync(join(folder, "ir-"));
  const ids = { bosTokenId: null, eosTokenId: null, padTokenId: null, addsBos: null, addsEos: null };
  const parts = tokenizerIr({ ...vocabulary, pre, chatTemplate: null, ...ids }, PRE_TOKENIZERS.get(pre));
  for (const [name, writer] of Object.entries(parts)) {
    const { xml, bin } = writer.finish("");
    writeFileSync(join(dir, `openvino_${name}.xml`), xml);
    writeFileSync(join(dir, `openvino_${name}.bin`), bin);
  }
  writeFileSync(join(dir, "config.json"), "{}");
  return Tokenizer.load(dir);
}
