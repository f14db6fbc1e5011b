import type { CallDraft } from "../call-draft.js";
import { isJson } from "../json-scanner.js";
import { MarkSet } from "../mark-set.js";
import {
  takeCharacter,
  takeMark,
  takeUntilMark,
  takeWhile,
  takeWhitespace,
  type Reading,
} from "../reading.js";
import type { Source } from "../source.js";
import type { ToolFormat } from "../tool-machine.js";

const FUNCTION = "<function=";
const PARAMETER = "<parameter=";
const FUNCTION_MARK = new MarkSet([FUNCTION]);
const INSIDE = new MarkSet([PARAMETER, "</function>"]);
/** The line break before it is the format's. */
const VALUE_END = new MarkSet(["</parameter>", "\n</parameter>"]);

const GREATER_THAN = 0x3e;
const NEWLINE = 0x0a;

/**
 * Calls as Qwen3-Coder and Qwen3.5 write them:
 *
 *     <tool_call>
 *     <function=get_weather>
 *     <parameter=city>
 *     Paris
 *     </parameter>
 *     </function>
 *     </tool_call>
 *
 * The values have no type of their own. What the tool's schema calls a string is taken as it stands. Anything else is
 * taken as JSON where it is that, and as a string where not; so is a parameter of which the schema says nothing, but for
 * what stands in quotation marks.
 *
 * Source: the chat template of Qwen/Qwen3-Coder-30B-A3B-Instruct on huggingface.co.
 */
export const QWEN3_CODER: ToolFormat = {
  open: ["<tool_call>", FUNCTION],
  close: ["</tool_call>"],
  *read(source, draft, mark) {
    if (mark !== FUNCTION) {
      yield* takeWhitespace(source);
      if ((yield* takeMark(source, FUNCTION_MARK)) === null) return false;
    }
    const name = yield* readName(source);
    if (name === "") return false;
    draft.begin(name);
    let separator = "{";
    for (;;) {
      yield* takeWhitespace(source);
      const inside = yield* takeMark(source, INSIDE);
      if (inside === null) return false;
      if (inside !== PARAMETER) break;
      const parameter = yield* readName(source);
      if (parameter === "") return false;
      draft.add(`${separator}${JSON.stringify(parameter)}:`);
      separator = ",";
      if (!(yield* readValue(source, draft, draft.schemaOf(name, parameter)))) return false;
    }
    draft.add(separator === "{" ? "{}" : "}");
    draft.complete();
    return true;
  },
};

/** Reads a name and the bracket behind it; "" where it is malformed. */
function* readName(source: Source): Reading<string> {
  const name = yield* takeWhile(source, (code) => code !== GREATER_THAN && code !== NEWLINE, 256);
  return (yield* takeCharacter(source, ">")) ? name.trim() : "";
}

function* readValue(source: Source, draft: CallDraft, schema: unknown): Reading<boolean> {
  const type = typeOf(schema);
  yield* takeCharacter(source, "\n");
  if (type !== "string") {
    let value = "";
    const isWhole = (yield* takeUntilMark(source, VALUE_END, (text) => (value += text))) !== null;
    if (isWhole) draft.add(jsonOf(value, type));
    return isWhole;
  }
  draft.add('"');
  const pass = (text: string) => draft.add(JSON.stringify(text).slice(1, -1));
  const isWhole = (yield* takeUntilMark(source, VALUE_END, pass)) !== null;
  if (isWhole) draft.add('"');
  return isWhole;
}

/** The type that a schema names; undefined where it names none, or several. */
function typeOf(schema: unknown): string | undefined {
  const type = typeof schema === "object" && schema !== null && "type" in schema ? schema.type : undefined;
  return typeof type === "string" ? type : undefined;
}

const CONSTANTS = new Map([
  ["True", "true"],
  ["False", "false"],
  ["None", "null"],
]);

function jsonOf(value: string, type: string | undefined): string {
  const constant = type === undefined ? undefined : CONSTANTS.get(value.trim());
  if (constant !== undefined) return constant;
  const isQuoted = type === undefined && value.trimStart().startsWith('"');
  return !isQuoted && isJson(value) ? value.trim() : JSON.stringify(value);
}
