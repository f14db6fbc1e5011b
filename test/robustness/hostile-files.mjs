// Loads models whose files are spoiled, generates three tokens with each, and says what came of it. Reads JSON from
// stdin: { sources: { [model]: folder }, scratch: folder, cases: [case] }, see hostile-cases.mjs. Writes a line of JSON
// when a case begins and one when it ends, so that the last line says of which one it died.
import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { LLMPipeline } from "../../dist/index.js";
import { applyEdit } from "./hostile-edits.mjs";

const PROMPT = "hello the 123 Zürich\n\t<|im_end|> naïve 🙂 \0 thing";

const { sources, scratch, cases } = JSON.parse(await text(process.stdin));

/** A folder like the source, with the files of the case spoiled. */
function spoiledCopy({ model, edits }, folder) {
  const source = sources[model];
  const other = sources[model === "smollm2" ? "chain" : "smollm2"];
  mkdirSync(folder);
  for (const file of readdirSync(source)) {
    // Models are read through links; our manifest says whether a folder is as we left it, so it comes along.
    if (file.endsWith(".json")) copyFileSync(join(source, file), join(folder, file));
    else symlinkSync(join(source, file), join(folder, file));
  }
  for (const { file, ...edit } of edits) {
    const bytes = applyEdit(readFileSync(join(folder, file)), edit, (name, ofOther) =>
      readFileSync(join(ofOther ? other : source, name)),
    );
    rmSync(join(folder, file));
    writeFileSync(join(folder, file), bytes);
  }
  return model === "chain-gguf" ? join(folder, "chain.gguf") : folder;
}

async function use(model) {
  let llm;
  try {
    llm = await LLMPipeline.load(model);
    const { tokenIds } = await llm.generate(PROMPT, { maxNewTokens: 3 });
    return { outcome: "model", tokens: tokenIds.length };
  } catch (error) {
    return { outcome: "error", name: error.name, code: error.code, message: error.message };
  } finally {
    await llm?.close();
  }
}

/** For the test of the harness. */
function endOtherwise(harness) {
  if (harness === "hang") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  process.kill(process.pid, harness);
}

const say = (line) => writeSync(1, `${JSON.stringify(line)}\n`);
for (const [index, one] of cases.entries()) {
  const folder = join(scratch, "model");
  const model = spoiledCopy(one, folder);
  say({ begin: index });
  if (one.harness !== undefined) endOtherwise(one.harness);
  say({ end: index, ...(await use(model)) });
  rmSync(folder, { recursive: true });
  rmSync(join(process.env.OPENVINO_LLM_CACHE, "gguf"), { recursive: true, force: true });
}
