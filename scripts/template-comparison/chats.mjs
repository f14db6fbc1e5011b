// What every template is given: ten chats, each as one call of apply_chat_template.

const weather = {
  type: "function",
  function: {
    name: "get_weather",
    description: "The weather at a place.",
    parameters: {
      type: "object",
      properties: {
        city: { type: "string", description: "Name of the city, e.g. Zürich" },
        unit: { type: "string", enum: ["celsius", "fahrenheit"], default: "celsius" },
        days: { type: ["integer", "null"], minimum: 1, maximum: 14 },
      },
      required: ["city"],
    },
  },
};
const search = {
  type: "function",
  function: {
    name: "search",
    description: 'Finds "things" <anywhere> & more.\nGives a list.',
    parameters: {
      type: "object",
      properties: {
        query: { type: "string" },
        filters: {
          type: "object",
          properties: { tags: { type: "array", items: { type: "string" } }, score: { type: "number" } },
        },
        strict: { type: "boolean" },
      },
      required: ["query", "filters"],
    },
  },
};
const tools = [weather, search];

const system = (content) => ({ role: "system", content });
const user = (content) => ({ role: "user", content });
const assistant = (content, more = {}) => ({ role: "assistant", content, ...more });
const call = (id, name, args) => ({ id, type: "function", function: { name, arguments: args } });
const result = (tool_call_id, name, content) => ({ role: "tool", tool_call_id, name, content });

const called = [
  user("What is the weather in Zürich?"),
  assistant("", { tool_calls: [call("call00001", "get_weather", { city: "Zürich", days: 2 })] }),
  result("call00001", "get_weather", '{"temperature": 21.5, "sky": "clear"}'),
];

/** Each: a name, the messages, and what else the template is given. */
export const CHATS = [
  { name: "one question", messages: [user("What is the capital of France?")] },
  {
    name: "system message",
    messages: [system("You answer in one word."), user("What is the capital of France?")],
  },
  {
    name: "several turns",
    messages: [
      system("You are helpful."),
      user("  Héllo, 世界! 👋 \n"),
      assistant('Hi.\n\nHow are "you" & <yours>?'),
      user("Fine.\tAnd {{ you }}?"),
      assistant("Well."),
      user("Good"),
    ],
  },
  {
    name: "finished turn",
    messages: [user("2+2?"), assistant("4"), user("Sure?"), assistant("Yes.")],
    addGenerationPrompt: false,
  },
  { name: "tools", messages: [user("What is the weather in Zürich?")], tools },
  {
    name: "a call and its result",
    messages: [system("You have tools."), ...called],
    tools,
  },
  {
    name: "calls at once, then an answer",
    messages: [
      ...called.slice(0, 1),
      assistant("I look it up.", {
        tool_calls: [
          call("call00001", "get_weather", { city: "Zürich", unit: "celsius" }),
          call("call00002", "search", {
            query: 'a "b"',
            filters: { tags: ["x", "y"], score: 0.5 },
            strict: true,
          }),
        ],
      }),
      result("call00001", "get_weather", "21.5"),
      result("call00002", "search", "[]"),
      assistant("It is 21.5 °C."),
      user("And tomorrow?"),
    ],
    tools,
  },
  {
    name: "reasoning",
    messages: [
      user("17 * 3?"),
      assistant("51", { reasoning_content: "17 * 3 is 10 * 3 and 7 * 3." }),
      user("And 17 * 4?"),
    ],
    extra: { enable_thinking: true },
  },
  {
    name: "no thinking",
    messages: [system("Be brief."), user("17 * 3?")],
    extra: { enable_thinking: false },
  },
  {
    name: "thought in text, empty content",
    messages: [
      system(""),
      user("Hello"),
      assistant("<think>\nA greeting.\n</think>\n\nHi"),
      user(""),
      assistant("Yes?"),
      user("Bye"),
    ],
    tools: [weather],
  },
].map((chat) => ({ tools: null, addGenerationPrompt: true, extra: {}, ...chat }));

/** What transformers gives beside: those that a tokenizer has. */
export const SPECIAL_TOKENS = { bos_token: "<s>", eos_token: "</s>", pad_token: "<pad>" };
