/** Objects: their names in the schema's order, and behind them those that it does not name. */
import type { SchemaObject } from "../json-schema/visit-schemas.js";
import { plainLanguage } from "./automaton.js";
import type { Compilation } from "./compilation.js";
import { choice, EMPTY, NOTHING, optional, repetition, sequence, type Expression } from "./expression.js";
import { literal } from "./json-text.js";
import { LanguageTooLarge } from "./language.js";
import type { Language } from "./language-node.js";
import { ABSENT, listOf, numberOf, objectOf, restBy } from "./schema-set.js";

/** Patterns of names that are held against each other; each doubles the kinds of names. */
const MAX_PATTERNS = 4;
/** Counted repetitions of what a schema does not name. */
const MAX_COUNT = 256;

/** Properties that need not be there, in the schema's order: the engine's time grows with the square of their number. */
const MAX_ORDERED = 32;

/** A property that is named. */
interface Field {
  readonly pair: Expression;
  readonly isRequired: boolean;
}

export function objectGrammar(members: readonly SchemaObject[], context: Compilation): Expression {
  return new ObjectGrammar(members, context).make();
}

class ObjectGrammar {
  readonly #members: readonly SchemaObject[];
  readonly #context: Compilation;
  readonly #names: readonly string[];
  readonly #required: ReadonlySet<string>;
  /** The names that there may be at all. */
  readonly #nameLanguage: Language;

  constructor(members: readonly SchemaObject[], context: Compilation) {
    this.#members = members;
    this.#context = context;
    this.#required = new Set(members.flatMap((member) => listOf(member, "required") as string[]));
    const propertyNames = members
      .map(({ propertyNames: names }) => names)
      .filter((names) => names !== undefined);
    const possible = propertyNames.length === 0 ? null : context.constants(propertyNames);
    this.#nameLanguage =
      possible === null
        ? context.stringLanguage(propertyNames)
        : context.strings.languages.texts(possible.filter((name) => typeof name === "string"));
    // An object, because that puts names that are whole numbers first, as JSON.stringify does.
    const names: Record<string, true> = Object.create(null) as Record<string, true>;
    for (const member of members) {
      for (const name of [...Object.keys(objectOf(member, "properties")), ...absentNames(member)])
        names[name] = true;
    }
    for (const name of [...(possible ?? []), ...this.#required])
      if (typeof name === "string") names[name] = true;
    this.#names = Object.keys(names);
  }

  make(): Expression {
    const { json } = this.#context;
    const fields = this.#names.map((name): Field => {
      const pair = sequence(literal(name), json.colon, this.#value(name));
      return { pair, isRequired: this.#required.has(name) };
    });
    const extra = this.#extras();
    const { min, max } = this.#extraCounts(fields, extra);
    return json.object(this.#inside(fields, extra, min, max));
  }

  /** What a name that is known has as its value. */
  #value(name: string): Expression {
    const { strings } = this.#context;
    const isAbsent = this.#members.some((member) => absentNames(member).includes(name));
    if (isAbsent || !strings.languages.has(this.#nameLanguage, name)) return NOTHING;
    const schemas = this.#members.flatMap((member) => {
      const properties = objectOf(member, "properties");
      const own = Object.hasOwn(properties, name) ? [properties[name]] : [];
      const byPattern = Object.entries(objectOf(member, "patternProperties"))
        .filter(([pattern]) => this.#context.matches(pattern, name))
        .map(([, schema]) => schema);
      const found = [...own, ...byPattern];
      return found.length > 0 ? found : [this.#rest(member) ?? true];
    });
    return this.#context.value(schemas);
  }

  /** A name that is not known, with its value. */
  #extras(): Expression {
    const patterns = [
      ...new Set(this.#members.flatMap((member) => Object.keys(objectOf(member, "patternProperties")))),
    ];
    if (patterns.length > MAX_PATTERNS) return this.#anyExtra("many patternProperties");
    const { languages } = this.#context.strings;
    const unsaid = new Set<string>();
    const matching = patterns.map((pattern) => this.#context.strings.pattern(pattern, unsaid));
    if (unsaid.size > 0) return this.#anyExtra("patternProperties");
    const kinds = Array.from({ length: 2 ** patterns.length }, (_, bits) => {
      const isOf = (index: number): boolean => (bits & (1 << index)) !== 0;
      const chosen = new Set(patterns.filter((_pattern, index) => isOf(index)));
      const value = this.#extraValue(chosen);
      if (value === NOTHING) return NOTHING;
      const parts = matching.map((language, index) => (isOf(index) ? language : languages.not(language)));
      return this.#pair(languages.and(this.#nameLanguage, ...parts), value);
    });
    return choice(...kinds);
  }

  /** Some name with some value, where it is not known what goes with what. */
  #anyExtra(keyword: string): Expression {
    const { checkedAfter, json } = this.#context;
    checkedAfter.add(keyword);
    return this.#pair(this.#nameLanguage, json.any);
  }

  #pair(names: Language, value: Expression): Expression {
    const { strings, json, checkedAfter } = this.#context;
    const { languages } = strings;
    const known = this.#names.filter((name) => languages.has(names, name));
    let said = names;
    try {
      const others = languages.not(languages.texts(known));
      said = languages.limited(() => plainLanguage(languages, languages.and(names, others)));
    } catch (error) {
      if (!(error instanceof LanguageTooLarge)) throw error;
      checkedAfter.add("names of patternProperties");
      said = this.#members.some((member) => member["patternProperties"] !== undefined)
        ? languages.all
        : names;
    }
    return sequence(strings.of(said, checkedAfter), json.colon, value);
  }

  /** What the value of a name must be that these patterns match, and no others. */
  #extraValue(patterns: ReadonlySet<string>): Expression {
    const opinions = this.#members.flatMap((member) => {
      const byPattern = Object.entries(objectOf(member, "patternProperties"))
        .filter(([pattern]) => patterns.has(pattern))
        .map(([, schema]) => schema);
      if (byPattern.length > 0) return byPattern;
      const rest = this.#rest(member);
      return rest === undefined ? [] : [rest];
    });
    const isNamed = this.#members.some(
      ({ properties, patternProperties }) => properties !== undefined || patternProperties !== undefined,
    );
    if (opinions.length === 0 && isNamed && !this.#context.isOpen) return NOTHING;
    return this.#context.value(opinions);
  }

  /** What a schema says of names that it does not know. */
  #rest(member: SchemaObject): unknown {
    return restBy(member, "additionalProperties", "unevaluatedProperties", this.#context.checkedAfter);
  }

  /** How many names may be there that are not known. */
  #extraCounts(fields: readonly Field[], extra: Expression): { min: number; max: number } {
    const least = Math.max(0, ...this.#members.map((member) => numberOf(member, "minProperties") ?? 0));
    const most = Math.min(
      Infinity,
      ...this.#members.map((member) => numberOf(member, "maxProperties") ?? Infinity),
    );
    const possible = fields.filter(({ pair }) => pair !== NOTHING);
    const required = possible.filter(({ isRequired }) => isRequired).length;
    const all = extra === NOTHING ? possible.length : Infinity;
    if (least <= required && most >= all) return { min: 0, max: Infinity };
    if (required < possible.length || extra === NOTHING) {
      const isOneOfSeveral = least === 1 && most >= all && required === 0 && extra === NOTHING;
      if (isOneOfSeveral) return { min: 1, max: Infinity };
      this.#context.checkedAfter.add("minProperties, maxProperties");
      return { min: 0, max: Infinity };
    }
    const { min, max } = { min: Math.max(least - required, 0), max: most - required };
    if (min <= MAX_COUNT && (max <= MAX_COUNT || max === Infinity)) return { min, max };
    this.#context.checkedAfter.add("minProperties, maxProperties");
    return { min: Math.min(min, MAX_COUNT), max: max <= MAX_COUNT ? max : Infinity };
  }

  #inside(fields: readonly Field[], extra: Expression, min: number, max: number): Expression {
    const { json, rules } = this.#context;
    const after = (pair: Expression): Expression => sequence(json.comma, pair);
    const more = extra === NOTHING ? NOTHING : rules.named(rules.newName("more"), () => after(extra));
    const first = fields.findIndex(({ isRequired }) => isRequired);
    if (first !== -1) {
      const before = this.#optionals(fields.slice(0, first), (pair) => sequence(pair, json.comma));
      const behind = runsOf(fields.slice(first + 1)).map((run) =>
        run[0]?.isRequired === true ? after(run[0].pair) : this.#optionals(run, after),
      );
      const own = fields[first]?.pair ?? NOTHING;
      return sequence(before, own, ...behind, repetition(more, min, max));
    }
    if (fields.length > MAX_ORDERED)
      return json.listed(choice(...fields.map(({ pair }) => pair), extra), min, Infinity);
    let rest = repetition(more, Math.max(min - 1, 0), max - 1);
    const alone = extra === NOTHING || max === 0 ? NOTHING : sequence(extra, rest);
    rest = fields.length === 0 ? rest : repetition(more, 0, Infinity);
    const options: Expression[] = [];
    for (const { pair } of fields.toReversed()) {
      options.unshift(sequence(pair, rest));
      const behind = rest;
      rest = rules.named(rules.newName("rest"), () => sequence(optional(after(pair)), behind));
    }
    return choice(...options, alone, min === 0 ? EMPTY : NOTHING);
  }

  /** Properties that need not be there, in order; many of them in any order, and again, as a value may be read from it. */
  #optionals(fields: readonly Field[], withComma: (pair: Expression) => Expression): Expression {
    if (fields.length <= MAX_ORDERED) return sequence(...fields.map(({ pair }) => optional(withComma(pair))));
    return repetition(withComma(choice(...fields.map(({ pair }) => pair))), 0, Infinity);
  }
}

/** Each required property by itself, and what stands between them. */
function runsOf(fields: readonly Field[]): (readonly Field[])[] {
  const runs: Field[][] = [];
  for (const field of fields) {
    const last = runs.at(-1);
    if (field.isRequired || last === undefined || last[0]?.isRequired === true) runs.push([field]);
    else last.push(field);
  }
  return runs;
}

function absentNames(member: SchemaObject): readonly string[] {
  const { [ABSENT]: names = [] } = member as { readonly [ABSENT]?: readonly string[] };
  return names;
}
