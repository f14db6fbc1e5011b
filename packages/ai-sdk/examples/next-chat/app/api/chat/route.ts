import { convertToModelMessages, streamText, type UIMessage } from "ai";
import { openvino } from "openvino-llm-ai-sdk";

export async function POST(request: Request): Promise<Response> {
  const { messages } = (await request.json()) as { messages: UIMessage[] };
  const result = streamText({
    model: openvino("smollm2-135m-instruct"),
    messages: await convertToModelMessages(messages),
    maxOutputTokens: 512,
    // Who closes the page ends the generation.
    abortSignal: request.signal,
  });
  return result.toUIMessageStreamResponse();
}
