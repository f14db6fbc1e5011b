/** openvino-llm-server/command: the command of the package, for `openvino-llm serve`. */
export { registerServe as addCommands } from "./cli/serve.js";
