/** The tools of a call, checked: their description for the prompt, and the schemas that calls are validated against. */
import { invalidArgType, outOfRange } from "../errors/errors.js";
import { isPlainObject } from "../options/json.js";
import type { KnownTool } from "../parsers/call-draft.js";
import type { JsonObject } from "../parsers/output-part.js";
import type { AnyTool, ToolChoice } from "./tool.js";
import { checkWellFormed, unknownOption } from "../options/option-checks.js";
import { checkSchema, type CheckedSchema } from "../structured/schema.js";

/** One tool, checked. */
export interface CheckedTool {
  readonly name: string;
  readonly description: string | undefined;
  /** Of its arguments. */
  readonly schema: CheckedSchema;
}

const FIELDS = { name: 1, description: 1, parameters: 1, execute: 1 };
const NAME = /^[\w.-]{1,64}$/;
const NO_ARGUMENTS: JsonObject = { type: "object", properties: {}, additionalProperties: false };

/** @throws TypeError, RangeError; OpenVinoLlmError ERR_INVALID_SCHEMA */
export function checkTools(name: string, tools: readonly AnyTool[]): CheckedTool[] {
  if (!Array.isArray(tools)) throw invalidArgType(name, "an array of tools", tools);
  if (tools.length === 0) throw outOfRange(name, "no value or at least one tool", tools);
  const checked = Array.from(tools, (tool, index) => checkTool(`${name}[${index}]`, tool));
  checked.forEach((tool, index) => {
    if (checked.findIndex((other) => other.name === tool.name) === index) return;
    throw outOfRange(`${name}[${index}].name`, "a name that no other tool has", tool.name);
  });
  return checked;
}

/** @throws TypeError, RangeError for a choice that these tools do not leave */
export function checkToolChoice(name: string, choice: ToolChoice, tools: readonly CheckedTool[]): void {
  if (choice === "none" || (choice === "auto" && tools.length > 0)) return;
  if (tools.length === 0) throw invalidArgType(name, '"none" or no value without options.tools', choice);
  if (choice === "required") return;
  const expected = '"auto", "none", "required" or { name }';
  if (!isPlainObject(choice)) throw invalidArgType(name, expected, choice);
  for (const [field, value] of Object.entries(choice)) {
    if (field !== "name") throw unknownOption(`${name}.${field}`, field, value, { name: 1 });
  }
  if (tools.some((tool) => tool.name === choice.name)) return;
  const names = tools.map((tool) => JSON.stringify(tool.name)).join(", ");
  throw outOfRange(`${name}.name`, `the name of a tool (${names})`, choice.name);
}

/** What the parsers need of tools. */
export function knownTools(tools: readonly CheckedTool[]): KnownTool[] {
  return tools.map(({ name, schema }) => ({ name, parameters: schema.json }));
}

function checkTool(name: string, tool: AnyTool): CheckedTool {
  if (!isPlainObject(tool)) throw invalidArgType(name, "a tool { name, description, parameters }", tool);
  for (const [field, value] of Object.entries(tool)) {
    if (!Object.hasOwn(FIELDS, field)) throw unknownOption(`${name}.${field}`, field, value, FIELDS);
  }
  const { description, parameters, execute } = tool;
  if (typeof tool.name !== "string") throw invalidArgType(`${name}.name`, "a string", tool.name);
  if (!NAME.test(tool.name)) {
    throw outOfRange(`${name}.name`, "1 to 64 letters, digits, underscores, dashes and dots", tool.name);
  }
  if (description !== undefined && typeof description !== "string") {
    throw invalidArgType(`${name}.description`, "a string", description);
  }
  if (description !== undefined) checkWellFormed(`${name}.description`, description);
  if (execute !== undefined && typeof execute !== "function") {
    throw invalidArgType(`${name}.execute`, "a function", execute);
  }
  const schema = checkSchema(`${name}.parameters`, parameters ?? NO_ARGUMENTS);
  const { type } = schema.json;
  if (type !== "object") throw invalidArgType(`${name}.parameters`, 'a schema of type "object"', type);
  return { name: tool.name, description, schema };
}
