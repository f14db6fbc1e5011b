/**
 * What the grammar compiler cannot take: it recurses without a limit, ends at a NUL, and needs minutes, which nothing can
 * interrupt, for some short grammars. Refused before it sees them.
 */
import { errorAbout, type OpenVinoLlmError } from "../errors/errors.js";

/** Characters of a grammar. Rules and alternatives that fill it compile within seconds. */
const MAX_LENGTH = 65_536;
/** Levels of brackets; tens of thousands end the process. */
const MAX_BRACKETS = 200;
/**
 * Copies that counted repetitions make, those within others multiplied: with 49,152 tokens 400 of `.` took half a minute,
 * and 4 of `(.*)` more than that.
 */
const MAX_COPIES = 256;

/** Copies of all expressions of one format so far. */
interface Spent {
  copies: number;
}

/** The error for a schema or a grammar that cannot be used. The reason is a whole sentence. */
export function invalidSchema(name: string, reason: string, cause?: unknown): OpenVinoLlmError {
  return errorAbout("ERR_INVALID_SCHEMA", name, reason, "", cause);
}

/** @throws OpenVinoLlmError ERR_INVALID_SCHEMA */
export function checkGrammarLength(name: string, text: string): void {
  if (text.length <= MAX_LENGTH) return;
  throw invalidSchema(name, `Expected at most ${MAX_LENGTH} characters but received ${text.length}.`);
}

/**
 * What is open at the end counts as closed, so that no text is gone through again for each bracket.
 *
 * @throws OpenVinoLlmError ERR_INVALID_SCHEMA
 */
export function checkEbnf(name: string, text: string, spent: Spent = { copies: 0 }): void {
  checkGrammarLength(name, text);
  checkNoNul(name, text);
  scan(
    name,
    text.replaceAll(/"(?:[^"\\\n]|\\.)*(?:"|(?=\n)|\\?$)|\[(?:[^\]\\]|\\.)*(?:\]|\\?$)|#[^\n]*/gsu, "x"),
    spent,
  );
}

/** @throws OpenVinoLlmError ERR_INVALID_SCHEMA */
export function checkRegex(name: string, text: string, spent: Spent = { copies: 0 }): void {
  checkGrammarLength(name, text);
  checkNoNul(name, text);
  scan(name, withoutLiterals(text), spent);
}

/**
 * The limits of what stands in a structural tag: expressions and rules. JSON Schemas that become grammars of ours have
 * others.
 *
 * @throws OpenVinoLlmError ERR_INVALID_SCHEMA
 */
export function checkParts(name: string, value: unknown, spent: Spent = { copies: 0 }): void {
  if (typeof value !== "object" || value === null) return;
  const { pattern, grammar, type, style } = value as Record<string, unknown>;
  if (typeof pattern === "string") checkRegex(`${name}.pattern`, pattern, spent);
  if (typeof grammar === "string") checkEbnf(`${name}.grammar`, grammar, spent);
  for (const [key, part] of Object.entries(value)) {
    if (key === "json_schema" && type === "json_schema" && style === undefined) continue;
    checkParts(`${name}.${key}`, part, spent);
  }
}

/**
 * The limit of patterns in a JSON Schema: they are gone through bracket by bracket.
 *
 * @throws OpenVinoLlmError ERR_INVALID_SCHEMA
 */
export function checkSchemaPatterns(name: string, value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  const { pattern, patternProperties } = value as Record<string, unknown>;
  if (typeof pattern === "string") checkBrackets(`${name}.pattern`, pattern);
  for (const expression of keysOf(patternProperties)) checkBrackets(`${name}.patternProperties`, expression);
  for (const [key, part] of Object.entries(value)) checkSchemaPatterns(`${name}.${key}`, part);
}

function checkBrackets(name: string, expression: string): void {
  let open = 0;
  for (const [bracket] of withoutLiterals(expression).matchAll(/[()]/g)) {
    open += bracket === "(" ? 1 : -1;
    if (open >= MAX_BRACKETS) throw tooManyBrackets(name);
  }
}

function tooManyBrackets(name: string): OpenVinoLlmError {
  return invalidSchema(name, `Expected less than ${MAX_BRACKETS} levels of brackets but received more.`);
}

/** An expression without escapes and classes. */
function withoutLiterals(expression: string): string {
  return expression.replaceAll(/\\.|\[(?:[^\]\\]|\\.)*(?:\]|\\?$)/gsu, "x");
}

function keysOf(value: unknown): string[] {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
}

function checkNoNul(name: string, text: string): void {
  if (text.includes("\0"))
    throw invalidSchema(
      name,
      "Expected text without NUL characters, at which the compiler ends, but received one.",
    );
}

/** What is repeated inside a bracket. */
interface Repeated {
  /** The most copies that a counted repetition makes: 1 or more. */
  copies: number;
  /** Whether something is repeated without a bound. */
  unbounded: boolean;
}

/** Goes through brackets and repetitions of a text without literals. */
function scan(name: string, text: string, spent: Spent): void {
  let inside: Repeated = { copies: 1, unbounded: false };
  const outer: Repeated[] = [];
  /** What a repetition that comes next repeats. */
  let before: Repeated = { copies: 1, unbounded: false };
  for (const [token] of text.matchAll(/\{\d+(?:,\d*)?\}|./gsu)) {
    const item = before;
    before = { copies: 1, unbounded: false };
    if (token === "(") {
      outer.push(inside);
      inside = { copies: 1, unbounded: false };
      if (outer.length >= MAX_BRACKETS) throw tooManyBrackets(name);
    } else if (token === ")") {
      before = inside;
      const { copies, unbounded } = outer.pop() ?? inside;
      inside = { copies: Math.max(copies, before.copies), unbounded: unbounded || before.unbounded };
    } else if (token === "*" || token === "+") inside.unbounded = true;
    else if (token.length > 1) {
      spent.copies += checkCount(name, token, item, inside);
      if (spent.copies <= MAX_COPIES) continue;
      const limit = `counted repetitions that make at most ${MAX_COPIES} copies together`;
      throw invalidSchema(
        name,
        `Expected ${limit} but received more, which would take too long. Use * or +.`,
      );
    }
  }
}

/** Copies that a counted repetition makes. */
function checkCount(name: string, token: string, item: Repeated, inside: Repeated): number {
  const count = Math.max(...(token.match(/\d+/g) ?? []).map(Number), 1);
  const isOpen = token.endsWith(",}");
  if (item.unbounded && (count > 1 || isOpen)) {
    throw invalidSchema(
      name,
      `Expected no counted repetition of what * or + repeats but received ${token}. Repeat the whole with * or +, or write it out.`,
    );
  }
  const copies = count * item.copies;
  inside.copies = Math.max(inside.copies, copies);
  if (isOpen) inside.unbounded = true;
  return copies;
}
