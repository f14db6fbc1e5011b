import type { Expression } from "./expression.js";
import type { JsonRules } from "./json-text.js";
import type { Language } from "./language-node.js";
import type { GrammarRules } from "./rules.js";
import type { StringGrammar } from "./string-grammar.js";

/** A schema on its way to a grammar, for the parts of it. */
export interface Compilation {
  readonly rules: GrammarRules;
  readonly json: JsonRules;
  readonly strings: StringGrammar;
  /** Takes what the grammar does not say. */
  readonly checkedAfter: Set<string>;
  /** Whether an object may have names that its schema does not know, where that does not say. */
  readonly isOpen: boolean;
  /** A value that fits all of these. */
  readonly value: (schemas: readonly unknown[]) => Expression;
  /** The values that these schemas write out; null where they do not. */
  readonly constants: (schemas: readonly unknown[]) => readonly unknown[] | null;
  /** The strings that fit these schemas, as far as that can be said. */
  readonly stringLanguage: (schemas: readonly unknown[]) => Language;
  /** Whether a pattern is found in a name. */
  readonly matches: (pattern: string, name: string) => boolean;
}
