import { readTaggedCalls } from "../tagged-calls.js";
import type { ToolFormat } from "../tool-machine.js";

/**
 * Calls as MiniCPM 5 writes them. Values may be CDATA sections; their types are those of the tool's schema.
 *
 *     <function name="get_weather"><param name="city">Paris</param></function>
 *
 * Sources: the parsers for it in github.com/openvinotoolkit/model_server and github.com/sgl-project/sglang.
 */
export const MINICPM5: ToolFormat = {
  open: ["<function name=", "<function="],
  close: ["</function>"],
  read: readTaggedCalls,
};
