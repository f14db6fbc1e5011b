/** Grammars of the schemas that were used last. */
import { LanguageTooLarge } from "./language.js";
import { schemaGrammar, type SchemaGrammar, type SchemaGrammarOptions } from "./compile-schema.js";
import type { SchemaObject } from "../json-schema/visit-schemas.js";

const MAX_KNOWN = 128;
const known = new Map<string, SchemaGrammar>();

/**
 * The grammar of a schema that is given as JSON. The engine keeps what it made of a grammar by the grammar's text, so equal
 * schemas are made ready once.
 *
 * @throws Error with what is wrong with the schema, as a clause
 */
export function grammarOf(schemaText: string, options: SchemaGrammarOptions): SchemaGrammar {
  const key = `${options.isOpen ? "open" : "closed"} ${schemaText}`;
  const grammar = known.get(key) ?? compiled(schemaText, options);
  known.delete(key); // the one used last is the last
  known.set(key, grammar);
  const [oldest] = known.keys();
  if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest);
  return grammar;
}

function compiled(schemaText: string, options: SchemaGrammarOptions): SchemaGrammar {
  try {
    return schemaGrammar(JSON.parse(schemaText) as SchemaObject, options);
  } catch (error) {
    if (!(error instanceof LanguageTooLarge)) throw error;
    throw new Error(`Its patterns and names are too large together: ${error.message}.`, { cause: error });
  }
}
