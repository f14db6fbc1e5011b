/**
 * A JSON Schema as a grammar. The engine's own compiler makes grammars that leave out values of a schema; this one lets
 * each of them be said, and leaves what a grammar cannot say to the check afterwards.
 */
import type { SchemaObject } from "../json-schema/visit-schemas.js";
import { arrayGrammar } from "./array-grammar.js";
import type { Compilation } from "./compilation.js";
import { constantsOf, matches } from "./constants.js";
import { choice, NOTHING, rule, text, type Expression } from "./expression.js";
import { JsonRules, literal } from "./json-text.js";
import type { Language } from "./language-node.js";
import { numberGrammar, type Bound } from "./number-grammar.js";
import { objectGrammar } from "./object-grammar.js";
import { GrammarRules } from "./rules.js";
import { numberOf, SchemaSets, typesOf } from "./schema-set.js";
import { StringGrammar } from "./string-grammar.js";
import { ARRAY_KEYWORDS, OBJECT_KEYWORDS, OWN_KEYWORDS } from "./keywords.js";

/** A grammar, and what it does not say. */
export interface SchemaGrammar {
  /** Rules as the engine reads them; null where no value fits the schema. */
  readonly text: string | null;
  /** Keywords, some with a word on what of them: what the check afterwards has to see to. Empty where nothing else can be said. */
  readonly checkedAfter: readonly string[];
}

/** How a schema is read. */
export interface SchemaGrammarOptions {
  /** Whether an object may have names that its schema does not know, where it says nothing of `additionalProperties`. */
  readonly isOpen: boolean;
}

/** Sets of schemas that become rules. */
const MAX_VALUES = 3000;

/**
 * @param schema is changed: its references get their bases noted down
 * @throws Error with what is wrong with the schema, as a clause
 */
export function schemaGrammar(schema: SchemaObject, options: SchemaGrammarOptions): SchemaGrammar {
  const compilation = new SchemaCompilation(schema, options.isOpen);
  const grammar = compilation.rules.write(compilation.value([schema]));
  return { text: grammar, checkedAfter: [...compilation.checkedAfter].toSorted() };
}

class SchemaCompilation implements Compilation {
  readonly rules = new GrammarRules();
  readonly json = new JsonRules(this.rules);
  readonly strings = new StringGrammar(this.rules, this.json);
  readonly checkedAfter = new Set<string>();
  readonly #sets: SchemaSets;
  readonly #values = new Map<string, Expression>();

  constructor(
    root: SchemaObject,
    readonly isOpen: boolean,
  ) {
    this.#sets = new SchemaSets(root);
  }

  /** A value that fits all of these. */
  value(schemas: readonly unknown[]): Expression {
    const flat = this.#sets.flat(schemas);
    if (flat === null) return NOTHING;
    if (flat.length === 0) return this.json.any;
    const key = this.#sets.keyOf(flat);
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    if (this.#values.size >= MAX_VALUES) {
      this.checkedAfter.add("many combinations of schemas");
      return this.json.any;
    }
    const name = this.rules.newName("value");
    this.#values.set(key, rule(name)); // it may be part of itself
    const sets = this.#sets.alternatives(flat, this.checkedAfter);
    const body = choice(...sets.map((members) => this.#alternative(members, flat)));
    this.rules.define(name, body);
    const value = body.kind === "rule" || body.kind === "text" || body.kind === "nothing" ? body : rule(name);
    this.#values.set(key, value);
    return value;
  }

  /** The values that these schemas write out; null where they do not. */
  constants(schemas: readonly unknown[]): readonly unknown[] | null {
    const flat = this.#sets.flat(schemas);
    return flat === null ? [] : constantsOf(flat);
  }

  /** The strings that fit these schemas, as far as that can be said. */
  stringLanguage(schemas: readonly unknown[]): Language {
    const { languages } = this.strings;
    const flat = this.#sets.flat(schemas);
    if (flat === null) return languages.none;
    const sets = this.#sets.alternatives(flat, this.checkedAfter);
    const parts = sets
      .filter((members) => members.every((member) => typesOf(member)?.includes("string") ?? true))
      .map((members) => {
        const constants = constantsOf(members)?.filter((value) => typeof value === "string");
        return constants === undefined
          ? this.strings.language(stringFacts(members), this.checkedAfter)
          : languages.texts(constants);
      });
    return languages.or(...parts);
  }

  /** Whether a pattern is found in a name. */
  matches(pattern: string, name: string): boolean {
    const found = matches(pattern, name);
    if (found === null) this.checkedAfter.add("patternProperties");
    return found ?? false;
  }

  /** A value that fits all of these, of which none leaves a choice. */
  #alternative(members: readonly SchemaObject[], of: readonly SchemaObject[]): Expression {
    if (members.some((member) => member["not"] !== undefined)) {
      if (members.some((member) => this.#sets.flat([member["not"] ?? false])?.length === 0)) return NOTHING;
      this.checkedAfter.add("not");
    }
    const constants = constantsOf(members);
    if (constants !== null) {
      const isSimple = members.every((member) => isOnlyConstant(member));
      if (!isSimple) this.checkedAfter.add("keywords beside enum or const");
      return choice(...constants.map((value) => literal(value)));
    }
    // A branch without anything beside it is a rule of its own, which others may share.
    const own = members.filter((member) => isAsking(member));
    if (own.every((member) => !of.includes(member) && !this.#sets.hasChoices(member))) return this.value(own);
    return choice(
      this.#isAllowed(own, "object") ? this.#object(own) : NOTHING,
      this.#isAllowed(own, "array") ? this.#array(own) : NOTHING,
      this.#isAllowed(own, "string") ? this.strings.string(stringFacts(own), this.checkedAfter) : NOTHING,
      this.#isAllowed(own, "number") ? this.#number(own) : NOTHING,
      this.#isAllowed(own, "boolean") ? choice(text("true"), text("false")) : NOTHING,
      this.#isAllowed(own, "null") ? text("null") : NOTHING,
    );
  }

  #isAllowed(members: readonly SchemaObject[], type: string): boolean {
    return members.every((member) => {
      const types = typesOf(member);
      return types === undefined || types.includes(type) || (type === "number" && types.includes("integer"));
    });
  }

  #object(members: readonly SchemaObject[]): Expression {
    return isAbout(members, OBJECT_KEYWORDS) ? objectGrammar(members, this) : this.json.anyObject;
  }

  #array(members: readonly SchemaObject[]): Expression {
    return isAbout(members, ARRAY_KEYWORDS) ? arrayGrammar(members, this) : this.json.anyList;
  }

  #number(members: readonly SchemaObject[]): Expression {
    const isInteger = members.some((member) => {
      const types = typesOf(member);
      return types !== undefined && !types.includes("number");
    });
    const bounds = (keyword: string, isExclusive: boolean): Bound[] =>
      members.flatMap((member) => {
        const value = numberOf(member, keyword);
        return value === undefined ? [] : [{ value, isExclusive }];
      });
    const mins = [...bounds("minimum", false), ...bounds("exclusiveMinimum", true)];
    const maxs = [...bounds("maximum", false), ...bounds("exclusiveMaximum", true)];
    const steps = members.flatMap((member) => numberOf(member, "multipleOf") ?? []);
    const facts = {
      isInteger,
      min: tighter(mins, 1),
      max: tighter(maxs, -1),
      multiplesOf: [...new Set(steps)].filter((step) => step > 0 && !(isInteger && step === 1)),
    };
    return numberGrammar(this.json, facts, this.checkedAfter);
  }
}

/** The bound that leaves the least. */
function tighter(bounds: readonly Bound[], sign: number): Bound | null {
  const [first = null] = bounds.toSorted(
    (a, b) => sign * (b.value - a.value) || Number(b.isExclusive) - Number(a.isExclusive),
  );
  return first;
}

function stringFacts(members: readonly SchemaObject[]) {
  const texts = (keyword: string): string[] => [
    ...new Set(members.map((member) => member[keyword]).filter((value) => typeof value === "string")),
  ];
  return {
    minLength: Math.max(0, ...members.map((member) => numberOf(member, "minLength") ?? 0)),
    maxLength: Math.min(Infinity, ...members.map((member) => numberOf(member, "maxLength") ?? Infinity)),
    patterns: texts("pattern"),
    formats: texts("format"),
  };
}

function isAbout(members: readonly SchemaObject[], keywords: readonly string[]): boolean {
  return members.some(
    (member) =>
      keywords.some((keyword) => member[keyword] !== undefined) ||
      Object.getOwnPropertySymbols(member).length > 0,
  );
}

/** Whether it asks something that is no choice. */
function isAsking(member: SchemaObject): boolean {
  return isAbout([member], OWN_KEYWORDS);
}

/** Whether all that it asks is looked at where values are written out. */
function isOnlyConstant(member: SchemaObject): boolean {
  const others = [...OBJECT_KEYWORDS, ...ARRAY_KEYWORDS, "format", "multipleOf"];
  return others.every((keyword) => member[keyword] === undefined);
}
