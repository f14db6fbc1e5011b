/**
 * Every error message of the sources, as it would be read: the texts that reach the constructor of an error are followed
 * back through conditions, constants, parameters and functions, by syntax alone. What is known only at run time is a hole,
 * `‹name›`.
 */
import { posix } from "node:path";
import ts from "typescript-least";

/** A message, and where its words stand. */
export interface ErrorMessage {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** A place where an error is made. */
interface FoundError {
  readonly node: ts.Node;
  readonly message: ts.Expression;
  readonly form: (words: string) => string;
}

interface Import {
  /** The file that it comes from. */
  readonly path: string;
  /** There. */
  readonly name: string;
  readonly local?: string;
  readonly exported?: string;
}

/** What a function was called with while its text is made. Names inside `call` are looked up in `frames`. */
interface Frame {
  readonly call: ts.CallExpression | null;
  readonly frames: Frames | null;
}
type Frames = ReadonlyMap<ts.Node, Frame>;

/** The argument of a constructor that is the message, where it is not the first. */
const MESSAGE_ARGUMENT: Readonly<Record<string, number>> = {
  AnswerError: 1,
  OpenVinoLlmError: 1,
  TemplateError: 1,
};
/** What others make of a message before anybody reads it. */
const FORMS: Readonly<Record<string, (words: string, kind: string) => string>> = {
  InvalidArgumentError: (words) => `‹option› is invalid. ${words}`,
  TemplateError: (words, kind) =>
    `The model's chat template ${kind === '"failed"' ? "cannot be rendered: " : ""}${words}.`,
};
/** Fields that hold words of a message, looked up by their name in the objects of a file. */
const FIELDS_OF_WORDS = new Set([
  "advice",
  "broken",
  "cure",
  "expected",
  "notOffered",
  "problem",
  "reason",
  "say",
  "what",
]);
/** Methods after which a text is still the same to a reader. */
const SAME_TEXT = new Set(["slice", "trim", "trimEnd"]);
/** Functions whose result is a value or another's words. */
const OPAQUE = new Set(["cleanNativeMessage", "describe", "stringify", "textOf"]);

/** What is known only at run time. */
export const HOLE = /‹[^›]*›/g;
const UNDEFINED = "‹undefined›";

const MAX_ALTERNATIVES = 24;
const MAX_DEPTH = 32;
/** Calls that are followed back from a constructor. */
const MAX_CALLERS = 4;

/** @param sources texts by path; `packages` gives the path of what is imported by a package's name */
export function errorMessagesOf(
  sources: ReadonlyMap<string, string>,
  packages: Readonly<Record<string, string>> = {},
): ErrorMessage[] {
  return new MessageReader(sources, packages).messages();
}

class MessageReader {
  readonly #files = new Map<string, ts.SourceFile>();
  readonly #packages: Readonly<Record<string, string>>;
  readonly #errors: FoundError[] = [];
  readonly #calls = new Map<string, ts.CallExpression[]>();
  readonly #imports = new Map<string, readonly Import[]>();
  /** Values of {@link FIELDS_OF_WORDS} by file and name. */
  readonly #fields = new Map<string, ts.Node[]>();

  constructor(sources: ReadonlyMap<string, string>, packages: Readonly<Record<string, string>>) {
    this.#packages = packages;
    for (const [path, text] of sources) {
      const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
      this.#files.set(path, file);
      this.#index(file);
    }
  }

  messages(): ErrorMessage[] {
    const found = new Map<string, ErrorMessage>();
    for (const { node, message, form } of this.#errors) {
      for (const { text: words, at } of this.#expand(message, new Map(), node, MAX_CALLERS)) {
        const text = form(words);
        // What has no words of its own was made elsewhere.
        if (found.has(text) || !/[a-z]/i.test(words.replaceAll(HOLE, ""))) continue;
        const file = at.getSourceFile();
        const line = file.getLineAndCharacterOfPosition(at.getStart()).line + 1;
        found.set(text, { file: file.fileName, line, text });
      }
    }
    return [...found.values()];
  }

  #index(node: ts.Node): void {
    if (ts.isNewExpression(node)) this.#addError(node, lastName(node.expression), node.arguments ?? []);
    if (ts.isCallExpression(node)) {
      const name = lastName(node.expression);
      this.#calls.set(name, [...(this.#calls.get(name) ?? []), node]);
    }
    if ((ts.isPropertyAssignment(node) || ts.isMethodDeclaration(node)) && ts.isIdentifier(node.name)) {
      const value = ts.isPropertyAssignment(node) ? node.initializer : node;
      if (FIELDS_OF_WORDS.has(node.name.text) || ts.isMethodDeclaration(node)) {
        const key = `${node.getSourceFile().fileName} ${node.name.text}`;
        this.#fields.set(key, [...(this.#fields.get(key) ?? []), value]);
      }
    }
    node.forEachChild((child) => this.#index(child));
  }

  #addError(node: ts.Node, name: string, args: readonly ts.Expression[]): void {
    if (!name.endsWith("Error")) return;
    const argument = args[MESSAGE_ARGUMENT[name] ?? 0];
    if (argument === undefined) return;
    const message = ts.isObjectLiteralExpression(argument) ? valueOf(argument, "message") : argument;
    if (message !== undefined)
      this.#errors.push({
        node,
        message,
        form: (words) => FORMS[name]?.(words, args[0]?.getText() ?? "") ?? words,
      });
  }

  /** The texts of an expression, for each call of the functions whose parameters it is made of. */
  #expand(
    message: ts.Expression,
    frames: Frames,
    at: ts.Node,
    callers: number,
  ): { text: string; at: ts.Node }[] {
    const open = new Set<ts.SignatureDeclaration>();
    const texts = this.#read(message, frames, open, 0);
    const [fn] = open;
    if (fn === undefined || callers === 0) return texts.map((text) => ({ text, at }));
    const within = (call: ts.CallExpression | null): Frames =>
      new Map([...frames, [fn, { call, frames: null }]]);
    const calls = this.#callsOf(fn);
    if (calls.length === 0) return this.#expand(message, within(null), at, callers);
    return calls.flatMap((call) => this.#expand(message, within(call), call, callers - 1));
  }

  /** All texts that an expression can be. Functions whose call is not known are added to `open`. */
  #read(node: ts.Node, frames: Frames, open: Set<ts.SignatureDeclaration>, depth: number): string[] {
    const read = (inner: ts.Node): string[] => this.#read(inner, frames, open, depth + 1);
    if (depth > MAX_DEPTH) return [hole(node)];
    if (ts.isStringLiteralLike(node) || ts.isNumericLiteral(node)) return [node.text];
    if (ts.isTemplateExpression(node)) {
      return joined([
        [node.head.text],
        ...node.templateSpans.flatMap((span) => [read(span.expression), [span.literal.text]]),
      ]);
    }
    if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node))
      return read(node.expression);
    if (ts.isObjectLiteralExpression(node))
      return node.properties.flatMap((one) => (ts.isPropertyAssignment(one) ? read(one.initializer) : []));
    if (ts.isConditionalExpression(node)) return limited([...read(node.whenTrue), ...read(node.whenFalse)]);
    if (ts.isBinaryExpression(node)) {
      const { kind } = node.operatorToken;
      if (kind === ts.SyntaxKind.PlusToken) return joined([read(node.left), read(node.right)]);
      if (kind === ts.SyntaxKind.AmpersandAmpersandToken) return bothOf(read(node.left), read(node.right));
      if (kind === ts.SyntaxKind.BarBarToken || kind === ts.SyntaxKind.QuestionQuestionToken)
        return eitherOf(read(node.left), read(node.right));
    }
    if (ts.isIdentifier(node)) return this.#readName(node, frames, open, depth);
    if (ts.isPropertyAccessExpression(node)) return this.#readField(node, node.name.text, read);
    if (ts.isElementAccessExpression(node)) {
      const table = ts.isIdentifier(node.expression) ? this.#initializerOf(node.expression) : null;
      const object = table !== null && ts.isAsExpression(table) ? table.expression : table;
      if (object !== null && ts.isObjectLiteralExpression(object)) return read(object);
      return this.#readField(node, lastName(node.expression), read);
    }
    if (ts.isCallExpression(node)) return this.#readCall(node, frames, open, depth);
    return [hole(node)];
  }

  #readName(
    name: ts.Identifier,
    frames: Frames,
    open: Set<ts.SignatureDeclaration>,
    depth: number,
  ): string[] {
    const read = (inner: ts.Node, within = frames): string[] => this.#read(inner, within, open, depth + 1);
    const meant = this.#resolve(name);
    if (meant === null) return [hole(name)];
    if (ts.isVariableDeclaration(meant))
      return meant.initializer === undefined || !isConst(meant) ? [hole(name)] : read(meant.initializer);
    if (ts.isBindingElement(meant))
      return this.#readField(name, (meant.propertyName ?? meant.name).getText(), read);
    if (!ts.isParameter(meant)) return [hole(name)];
    const fn = meant.parent;
    const frame = frames.get(fn);
    if (frame === undefined) {
      open.add(fn);
      return [hole(name)];
    }
    if (frame.call === null) return [hole(name)];
    const argument = frame.call.arguments[fn.parameters.indexOf(meant)];
    const texts = argument === undefined ? [UNDEFINED] : read(argument, frame.frames ?? frames);
    const { initializer } = meant;
    if (initializer === undefined || !texts.includes(UNDEFINED)) return texts;
    return limited([...texts.filter((text) => text !== UNDEFINED), ...read(initializer)]);
  }

  /** The words of a field, wherever an object near has it. */
  #readField(node: ts.Node, name: string, read: (value: ts.Node) => string[]): string[] {
    const values = FIELDS_OF_WORDS.has(name) ? this.#fieldsNear(node, name) : [];
    const texts = values.flatMap((value) => (ts.isFunctionLike(value) ? [] : read(value)));
    return texts.length === 0 ? [hole(node)] : limited(texts);
  }

  #readCall(
    call: ts.CallExpression,
    frames: Frames,
    open: Set<ts.SignatureDeclaration>,
    depth: number,
  ): string[] {
    const { expression } = call;
    const name = lastName(expression);
    if (OPAQUE.has(name)) return [hole(call)];
    const [first] = call.arguments;
    if (ts.isPropertyAccessExpression(expression)) {
      const of = expression.expression;
      if (SAME_TEXT.has(name)) return this.#read(of, frames, open, depth + 1);
      const list = ts.isIdentifier(of) ? this.#initializerOf(of) : of;
      if (name === "join" && list !== null && ts.isArrayLiteralExpression(list) && list.elements.length > 0) {
        const separator = first !== undefined && ts.isStringLiteral(first) ? first.text : ",";
        const parts = list.elements.map((part) => this.#read(part, frames, open, depth + 1));
        return joined(parts.flatMap((part, i) => (i === 0 ? [part] : [[separator], part])));
      }
    }
    const functions = this.#functionsOf(expression);
    const texts = functions
      .filter((fn) => !frames.has(fn))
      .flatMap((fn) => {
        const inside = new Map([...frames, [fn, { call, frames }]]);
        return returnsOf(fn).flatMap((result) => this.#read(result, inside, open, depth + 1));
      });
    return texts.length === 0 ? [hole(call)] : limited(texts);
  }

  #initializerOf(name: ts.Identifier): ts.Expression | null {
    const meant = this.#resolve(name);
    return meant !== null && ts.isVariableDeclaration(meant) ? (meant.initializer ?? null) : null;
  }

  #functionsOf(callee: ts.Expression): ts.SignatureDeclaration[] {
    if (ts.isIdentifier(callee)) {
      const fn = this.#functionNamed(callee);
      if (fn !== null) return [fn];
      const meant = this.#resolve(callee);
      return meant !== null && ts.isBindingElement(meant) ? this.#functionsNear(callee, callee.text) : [];
    }
    return ts.isPropertyAccessExpression(callee) ? this.#functionsNear(callee, callee.name.text) : [];
  }

  #functionsNear(node: ts.Node, name: string): ts.SignatureDeclaration[] {
    return this.#fieldsNear(node, name).flatMap((value) => {
      if (ts.isIdentifier(value)) return this.#functionNamed(value) ?? [];
      return ts.isFunctionLike(value) ? value : [];
    });
  }

  #functionNamed(name: ts.Identifier): ts.SignatureDeclaration | null {
    const meant = this.#resolve(name);
    if (meant === null) return null;
    if (ts.isVariableDeclaration(meant))
      return meant.initializer && ts.isFunctionLike(meant.initializer) ? meant.initializer : null;
    return ts.isFunctionDeclaration(meant) ? meant : null;
  }

  /** Values that a field of this name has in the same file, or in those that it imports. */
  #fieldsNear(node: ts.Node, name: string): ts.Node[] {
    const file = node.getSourceFile();
    const own = this.#fields.get(`${file.fileName} ${name}`);
    return own ?? this.#importsOf(file).flatMap(({ path }) => this.#fields.get(`${path} ${name}`) ?? []);
  }

  #callsOf(fn: ts.SignatureDeclaration): ts.CallExpression[] {
    if (ts.isMethodDeclaration(fn)) {
      const home = fn.getSourceFile();
      return (this.#calls.get(fn.name.getText()) ?? []).filter((call) => {
        const file = call.getSourceFile();
        return file === home || this.#importsOf(file).some(({ path }) => path === home.fileName);
      });
    }
    const name = ts.isVariableDeclaration(fn.parent) ? fn.parent.name : fn.name;
    if (name === undefined || !ts.isIdentifier(name)) return [];
    return (this.#calls.get(name.text) ?? []).filter(
      (call) =>
        ts.isIdentifier(call.expression) &&
        this.#functionNamed(call.expression) === fn &&
        !isInside(call, fn),
    );
  }

  /** The declaration that a name stands for. */
  #resolve(name: ts.Identifier): ts.Node | null {
    for (let node: ts.Node = name.parent; node !== undefined; node = node.parent) {
      const found = declaredIn(node).get(name.text);
      if (found !== undefined) return found;
      if (ts.isSourceFile(node)) return this.#imported(node, name.text);
    }
    return null;
  }

  #imported(file: ts.SourceFile, name: string): ts.Node | null {
    const found = this.#importsOf(file).find(({ local }) => local === name);
    return found === undefined ? null : this.#exported(found.path, found.name);
  }

  #exported(path: string, name: string): ts.Node | null {
    const file = this.#files.get(path);
    if (file === undefined) return null;
    const own = declaredIn(file).get(name);
    if (own !== undefined) return own;
    const passed = this.#importsOf(file).find(({ exported }) => exported === name);
    return passed === undefined ? null : this.#exported(passed.path, passed.name);
  }

  /** What a file imports, and what it exports of others. */
  #importsOf(file: ts.SourceFile): readonly Import[] {
    const known = this.#imports.get(file.fileName);
    if (known !== undefined) return known;
    const found = file.statements.flatMap((statement): Import[] => {
      if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return [];
      const { moduleSpecifier: from } = statement;
      if (from === undefined || !ts.isStringLiteral(from)) return [];
      const path = this.#pathOf(file, from.text);
      const names = ts.isImportDeclaration(statement)
        ? statement.importClause?.namedBindings
        : statement.exportClause;
      if (names === undefined || !("elements" in names)) return [{ path, name: "" }];
      return [...names.elements].map((one) => {
        const name = (one.propertyName ?? one.name).text;
        const own = one.name.text;
        return ts.isImportSpecifier(one) ? { path, name, local: own } : { path, name, exported: own };
      });
    });
    this.#imports.set(file.fileName, found);
    return found;
  }

  #pathOf(file: ts.SourceFile, specifier: string): string {
    if (!specifier.startsWith(".")) return this.#packages[specifier] ?? specifier;
    return posix.join(posix.dirname(file.fileName), specifier).replace(/\.js$/, ".ts");
  }
}

const declarations = new WeakMap<ts.Node, ReadonlyMap<string, ts.Node>>();

/** The variables, functions and parameters that a node declares itself, by name. */
function declaredIn(node: ts.Node): ReadonlyMap<string, ts.Node> {
  const known = declarations.get(node);
  if (known !== undefined) return known;
  const found = new Map<string, ts.Node>();
  const add = (one: ts.VariableDeclaration | ts.ParameterDeclaration | ts.BindingElement): void => {
    if (ts.isIdentifier(one.name)) found.set(one.name.text, one);
    else for (const part of one.name.elements) if (ts.isBindingElement(part)) add(part);
  };
  if (ts.isFunctionLike(node)) node.parameters.forEach(add);
  if (ts.isForOfStatement(node) && ts.isVariableDeclarationList(node.initializer))
    node.initializer.declarations.forEach(add);
  const isBlock = ts.isBlock(node) || ts.isSourceFile(node) || ts.isCaseOrDefaultClause(node);
  for (const statement of isBlock ? node.statements : []) {
    if (ts.isVariableStatement(statement)) statement.declarationList.declarations.forEach(add);
    if (ts.isFunctionDeclaration(statement) && statement.name !== undefined)
      found.set(statement.name.text, statement);
  }
  declarations.set(node, found);
  return found;
}

function isConst({ parent }: ts.VariableDeclaration): boolean {
  return (parent.flags & ts.NodeFlags.Const) !== 0;
}

function isInside(node: ts.Node, outer: ts.Node): boolean {
  return outer.getSourceFile() === node.getSourceFile() && outer.pos <= node.pos && node.end <= outer.end;
}

/** What a function can return, not looking into functions inside. */
function returnsOf(fn: ts.SignatureDeclaration): ts.Expression[] {
  const body = "body" in fn ? (fn.body as ts.Node | undefined) : undefined;
  if (body === undefined) return [];
  if (!ts.isBlock(body)) return [body as ts.Expression];
  const found: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) return;
    if (ts.isReturnStatement(node) && node.expression !== undefined) found.push(node.expression);
    node.forEachChild(visit);
  };
  visit(body);
  return found;
}

function valueOf(object: ts.ObjectLiteralExpression, name: string): ts.Expression | undefined {
  for (const property of object.properties) {
    if (property.name?.getText() !== name) continue;
    if (ts.isPropertyAssignment(property)) return property.initializer;
    if (ts.isShorthandPropertyAssignment(property)) return property.name;
  }
  return undefined;
}

function lastName(expression: ts.Expression): string {
  return ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText();
}

function hole(node: ts.Node): string {
  const name = ts.isCallExpression(node) ? lastName(node.expression) : node.getText();
  return `‹${name
    .replaceAll(/[^\w.#]+/g, " ")
    .slice(0, 30)
    .trim()}›`;
}

/** What `left && right` can be: "" only where the left side may be nothing. */
function bothOf(left: readonly string[], right: readonly string[]): string[] {
  const some = right.filter((text) => text.trim() !== "");
  const mayBeNothing = left.some((text) => text === "" || text.startsWith("‹"));
  return mayBeNothing ? ["", ...some] : some;
}

/** What `left ?? right` can be; a right side of "" only says that there may be nothing. */
function eitherOf(left: readonly string[], right: readonly string[]): string[] {
  const texts = left.filter((text) => text !== UNDEFINED && text !== "");
  return limited([...texts, ...right.filter((text) => text !== "" || texts.length === 0)]);
}

/** Every way to put one of each part after the other, up to a limit that every alternative is still part of. */
function joined(parts: readonly (readonly string[])[]): string[] {
  let texts = [""];
  for (const part of parts) {
    if (texts.length * part.length <= MAX_ALTERNATIVES) {
      texts = texts.flatMap((text) => part.map((one) => text + one));
      continue;
    }
    const count = Math.max(texts.length, part.length);
    const before = texts;
    texts = Array.from({ length: count }, (_, i) => `${before[i % before.length]}${part[i % part.length]}`);
  }
  return limited(texts);
}

function limited(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
