import { OpenVinoLlmError } from "openvino-llm";
import type { ServerListing } from "./read-server.js";
import type { ServerFacts } from "../targets/server-facts.js";
import { endpointUrl } from "../plan/server-url.js";

/**
 * The error for a server that answers no request.
 *
 * @param reason - what it said to the first one
 * @param models - what it lists, where it was asked
 */
export function notAnswered(
  { url, endpoint, servedModel }: Pick<ServerFacts, "url" | "endpoint" | "servedModel">,
  reason: string,
  models: ServerListing["models"] = null,
): OpenVinoLlmError {
  const names = models?.map(({ id }) => id).join(", ") ?? "";
  const list = names === "" ? "" : ` The server lists: ${names}.`;
  return new OpenVinoLlmError(
    "ERR_SERVER",
    `No request to ${endpointUrl(url, endpoint)} for model "${servedModel}" was answered: ${reason}\n` +
      `Check the URL, the name of the model, the endpoint (completions or chat) and the key.${list}`,
  );
}
