/** A chat template: Jinja, as transformers runs it. */
import { globalsFor } from "./evaluation/globals.js";
import { renderBlock } from "./evaluation/renderer.js";
import { JsonReader } from "./python/from-json.js";
import type { Block } from "./syntax/nodes.js";
import { parseTemplate } from "./syntax/parser.js";
import { TemplateError } from "./template-error.js";
import { Work } from "./work.js";

/** Longer than any template: the longest known has 30,000 characters. */
const MAX_LENGTH = 250_000;

/** A template that was read, and can be rendered as often as one likes. */
export class Template {
  readonly #body: Block;

  /** @throws TemplateError of kind "syntax" or "bounds" */
  constructor(text: string) {
    if (text.length > MAX_LENGTH) {
      throw new TemplateError("bounds", `is longer than ${MAX_LENGTH} characters`);
    }
    this.#body = withinStack(() => parseTemplate(text));
  }

  /**
   * Its text for these variables, which JSON can hold. Ends within a number of steps that goes by what they hold.
   *
   * @throws TemplateError
   */
  render(variables: Readonly<Record<string, unknown>>, now = new Date()): string {
    const reader = new JsonReader();
    const given = Object.entries(variables).map(([name, value]) => [name, reader.read(value)] as const);
    const work = new Work(reader.size);
    return withinStack(() => renderBlock(this.#body, new Map([...globalsFor(work, now), ...given]), work));
  }
}

/** JavaScript's own limits become errors of the template. */
function withinStack<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (error instanceof TemplateError) throw error;
    if (error instanceof RangeError)
      throw new TemplateError("bounds", `goes beyond what JavaScript holds (${error.message})`);
    throw error;
  }
}
