/** The body of a request to go on with a text. */
import { booleanField, integerField, textField, type JsonSchema } from "../../schema/fields.js";
import { SAMPLING_PROPERTIES, type SamplingFields } from "../openai/sampling.js";

/** A text, several, token ids, or several rows of them. */
export type CompletionPrompt =
  string | readonly string[] | readonly number[] | readonly (readonly number[])[];

/** The body, checked. */
export interface CompletionBody extends SamplingFields {
  readonly prompt: CompletionPrompt;
  readonly echo?: boolean | null;
  readonly logprobs?: number | null;
  readonly best_of?: number | null;
  readonly suffix?: string | null;
}

const IDS: JsonSchema = {
  type: "array",
  items: { type: "integer", minimum: 0, maximum: 2 ** 31 - 1 },
  minItems: 1,
};

/** Its schema. */
export const COMPLETION_SCHEMA: JsonSchema = {
  type: "object",
  properties: {
    prompt: {
      anyOf: [
        { type: "string" },
        { type: "array", items: { type: "string" }, minItems: 1, maxItems: 256 },
        IDS,
        { type: "array", items: IDS, minItems: 1, maxItems: 256 },
      ],
      description: "Texts, taken as they are, or token ids.",
    },
    ...SAMPLING_PROPERTIES,
    echo: booleanField("The prompt before the answer. Default false."),
    logprobs: integerField(0, 5, "0 or 1: the log-probability of each chosen token. More are not known."),
    best_of: integerField(1, 128, "Not supported: n."),
    suffix: textField("Not supported: empty."),
  },
  required: ["prompt"],
};
