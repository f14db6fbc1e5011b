/** Chat models whose every answer is known beforehand. */
import { ContinuousBatchingPipeline } from "openvino-llm";
import type { ChainModelOptions } from "../../../../lib/models/gguf/chain-model.js";
import { callPieces, chainModel } from "../../../../test/helpers/chain.js";
import { ChatOpenVINO, type ChatOpenVINOFields } from "../../lib/index.js";

/** Shows how it calls tools and thinks, and writes all of a message. */
export const TEMPLATE =
  "{# <tool_call> <think> </think> #}{{ tools | tojson if tools else '' }}" +
  "{% for message in messages %}<|im_start|>{{ message.role }}<|im_sep|>{{ message.content }}" +
  "{{ message.reasoning_content }}{{ message.tool_calls | tojson if message.tool_calls else '' }}" +
  "{{ message.tool_call_id }}{{ message.name }}<|im_end|>{% endfor %}<|im_start|>";

/** What the caller thinks, says and calls. */
export const CALLER = ["<think>", "Which city?", "</think>", "I will ask."];

/** The pieces of two calls, each piece once as a chain wants it. */
export const TWO_CALLS = [
  ...callPieces("get_current_weather", '{"location": "San Francisco"}'),
  "\n<tool_call>\n",
  '{"name": "get_current_time", ',
  '"arguments": {"location": "here"}}',
  "\n</tool_call>\n",
];

const loaded: ContinuousBatchingPipeline[] = [];

/** Loads a model that says this, with tools and reasoning parsed out of text. */
export async function loadChain(
  options: ChainModelOptions = {},
  template = TEMPLATE,
): Promise<ContinuousBatchingPipeline> {
  const pipeline = await ContinuousBatchingPipeline.load(await chainModel(options), {
    chatTemplate: template,
  });
  loaded.push(pipeline);
  return pipeline;
}

/** A chat model on one that was loaded. */
export function chatOn(pipeline: ContinuousBatchingPipeline, fields: ChatOpenVINOFields = {}): ChatOpenVINO {
  return new ChatOpenVINO({ pipeline, ...fields });
}

/** Closes all that was loaded. */
export async function closeAll(): Promise<void> {
  await Promise.all(loaded.map((pipeline) => pipeline.close()));
}
