// XGrammar itself, which GenAI has inside, as WebAssembly: whether a grammar lets a text be said.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { compileFunction, constants } from "node:vm";

const require = createRequire(import.meta.url);
const path = require.resolve("@mlc-ai/web-xgrammar");
// Its package calls itself a module and is written as a script.
const exports = {};
const program = compileFunction(
  readFileSync(path, "utf8"),
  ["exports", "module", "require", "__filename", "__dirname"],
  { importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER },
);
program(exports, { exports }, require, path, dirname(path));
const { Grammar, Testings } = exports;

/** For each of the texts, whether the grammar lets it be said. */
export async function sayable(grammarText, texts) {
  const grammar = await Grammar.fromEBNF(grammarText, "root");
  try {
    const said = [];
    for (const text of texts) said.push(await Testings.isGrammarAcceptString(grammar, text));
    return said;
  } finally {
    grammar.dispose();
  }
}
