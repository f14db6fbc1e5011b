/** The chat page. This file lies in a folder below the server's address. */
import { Chat } from "./chat.js";
import { Models } from "./models.js";
import { ServerApi } from "./server-api.js";
import { Settings } from "./settings.js";

const api = new ServerApi(new URL("../", import.meta.url));
const models = new Models(api, () => chat.refresh());
const chat = new Chat(api, new Settings(), () => models.askForKey());
void models.load();
