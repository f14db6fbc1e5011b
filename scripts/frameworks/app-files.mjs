// Files that the apps have in common. MODEL names a model, ANSWER is what it says, RUNTIME the folder of the libraries.

/** The addon, from the app's folder. */
export const ADDON = "node_modules/openvino-llm/prebuilds/linux-x64/openvino-llm.node";

/** A program that streams an answer; an error's code and message are what it prints else. */
export const MAIN = `import { LLMPipeline } from "openvino-llm";
async function main() {
  const llm = await LLMPipeline.load(process.env.MODEL);
  for await (const { text } of llm.stream("hello")) process.stdout.write(text);
  await llm.close();
}
main().catch((error) => console.log(error.code ?? error.name, error.message));
`;
