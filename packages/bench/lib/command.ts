/** openvino-llm-bench/command: the command of the package, for `openvino-llm bench`. */
export { registerBench as addCommands } from "./cli/bench.js";
