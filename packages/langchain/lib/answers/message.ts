/** From a whole answer to LangChain's message. */
import { AIMessage, type ContentBlock } from "@langchain/core/messages";
import type { ChatResult } from "@langchain/core/outputs";

import type { Answer } from "./answer.js";
import { callsOf, originOf, responseMetadata, tokenUsage, usageOf, type AnswerSettings } from "./metadata.js";

/** What `_generate()` gives. */
export function chatResult(answer: Answer, settings: AnswerSettings): ChatResult {
  const { text, finishReason } = answer.result;
  return {
    generations: [
      { text, message: answerMessage(answer, settings), generationInfo: { finish_reason: finishReason } },
    ],
    llmOutput: { tokenUsage: tokenUsage([usageOf(answer.result)]) },
  };
}

function answerMessage(answer: Answer, settings: AnswerSettings): AIMessage {
  const { text, reasoning = "" } = answer.result;
  const { toolCalls, invalidToolCalls } = callsOf(answer.result);
  const common = {
    tool_calls: toolCalls,
    invalid_tool_calls: invalidToolCalls,
    usage_metadata: usageOf(answer.result),
    response_metadata: { ...originOf(settings), ...responseMetadata(answer, settings) },
  };
  if (settings.outputVersion === "v0") {
    const additional_kwargs = reasoning === "" ? {} : { reasoning_content: reasoning };
    return new AIMessage({ ...common, content: text, additional_kwargs });
  }
  const blocks: ContentBlock[] = [];
  if (reasoning !== "") blocks.push({ type: "reasoning", reasoning });
  if (text !== "") blocks.push({ type: "text", text });
  return new AIMessage({ ...common, content: blocks });
}
