import { readBareCalls, readPythonCalls } from "../python-calls.js";
import type { ToolFormat } from "../tool-machine.js";

/**
 * Calls as Liquid's LFM2 and LFM2.5 write them: a Python list between delimiters.
 *
 *     <|tool_call_start|>[get_weather(city="Paris")]<|tool_call_end|>
 *
 * Objects of JSON in the list, which they write when they are asked for JSON, are read too. At the very beginning a list of
 * known tools needs no delimiter.
 *
 * Sources: the chat templates of LiquidAI/LFM2-1.2B and LFM2.5-8B-A1B on huggingface.co.
 */
export const LFM2: ToolFormat = {
  open: ["<|tool_call_start|>"],
  close: ["<|tool_call_end|>"],
  read: readPythonCalls,
  readBare: readBareCalls,
};
