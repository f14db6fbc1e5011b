import { describe, expect, it } from "vitest";
import { checkTools } from "../../../lib/tools/tool-options.js";
import { injectTools, toolsOfTemplate } from "../../../lib/prompt/tool-prompt.js";

const PARAMETERS = { type: "object", properties: { city: { type: "string" } } } as const;
const TOOLS = checkTools("tools", [{ name: "get_weather", description: "Weather", parameters: PARAMETERS }]);
const FUNCTION = { name: "get_weather", description: "Weather", parameters: PARAMETERS };

const call = (args: unknown) => ({
  id: "a",
  type: "function",
  function: { name: "get_weather", arguments: args },
});
const CHAT = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "Weather?" },
  { role: "assistant", content: "", tool_calls: [call({ city: "Paris" })] },
  { role: "tool", tool_call_id: "a", name: "get_weather", content: "sunny" },
];

describe("what a chat template does with tools", () => {
  it.each([
    ["{% if tools %}{{ tools | tojson }}{% endif %}", { place: "variable", hasToolRole: false }],
    [
      "{%- for tool in tools %}{% endfor %}{% if m.role == 'tool' %}",
      { place: "variable", hasToolRole: true },
    ],
    // Phi-4-mini's way
    [
      "{% if message['role'] == 'system' and 'tools' in message and message['tools'] is not none %}{{ message['tools'] }}",
      { place: "field", hasToolRole: false },
    ],
    ["{{ message.content }} use your tools", { place: "none", hasToolRole: false }],
  ] as const)("%s", (template, expected) => {
    expect(toolsOfTemplate(template)).toEqual(expected);
  });
});

describe("a chat with tools", () => {
  it("goes to the variable of the template as OpenAI writes tools", () => {
    const { messages, tools } = injectTools(CHAT, TOOLS, { place: "variable", hasToolRole: true });
    expect(messages).toEqual(CHAT);
    expect(tools).toEqual([{ type: "function", function: FUNCTION }]);
  });

  it("goes to a field of the system message as JSON", () => {
    const injected = injectTools(CHAT, TOOLS, { place: "field", hasToolRole: true });
    expect(injected.tools).toBeUndefined();
    expect(injected.messages[0]).toEqual({ ...CHAT[0], tools: JSON.stringify([FUNCTION]) });
    expect(injected.messages.slice(1)).toEqual(CHAT.slice(1));
    const [first, ...rest] = injectTools(CHAT.slice(1), TOOLS, {
      place: "field",
      hasToolRole: true,
    }).messages;
    expect(first).toMatchObject({ role: "system", tools: JSON.stringify([FUNCTION]) });
    expect(rest).toEqual(CHAT.slice(1));
  });

  it("goes into words where the template has no place for it", () => {
    const { messages, tools } = injectTools(CHAT, TOOLS, { place: "none", hasToolRole: false });
    expect(tools).toBeUndefined();
    expect(messages[0]?.content).toMatch(/^Be brief\.\n\n/);
    expect(messages[0]?.content).toContain(JSON.stringify(FUNCTION));
    expect(messages.slice(1)).toEqual([
      CHAT[1],
      {
        role: "assistant",
        content: '<tool_call>\n{"name":"get_weather","arguments":{"city":"Paris"}}\n</tool_call>',
      },
      { role: "user", content: "<tool_response>\nsunny\n</tool_response>" },
    ]);
    const alone = injectTools([{ role: "user", content: "Hi" }], TOOLS, {
      place: "none",
      hasToolRole: false,
    });
    expect(alone.messages.map(({ role }) => role)).toEqual(["system", "user"]);
  });

  it("goes into words before the question where the template refuses a system message", () => {
    const { messages } = injectTools(CHAT.slice(1), TOOLS, {
      place: "none",
      hasToolRole: true,
      refusesSystem: true,
    });
    expect(messages[0]?.role).toBe("user");
    expect(messages[0]?.content).toMatch(
      /^You can call these tools[^]*"name":"get_weather"[^]*\n\nWeather\?$/,
    );
    expect(messages.slice(1)).toEqual(CHAT.slice(2));
  });

  it("keeps messages of tools where the template writes them, tools in words or not", () => {
    const { messages } = injectTools(CHAT, TOOLS, { place: "none", hasToolRole: true });
    expect(messages.slice(1)).toEqual(CHAT.slice(1));
  });

  it("gives templates the arguments of calls as an object", () => {
    const written = [{ role: "assistant", content: "", tool_calls: [call('{"city":"Paris"}'), call("{no")] }];
    const { messages } = injectTools(written, [], { place: "variable", hasToolRole: true });
    expect(messages[0]).toHaveProperty("tool_calls", [call({ city: "Paris" }), call("{no")]);
  });

  it("leaves a chat without tools as it is", () => {
    const plain = CHAT.slice(0, 2);
    for (const place of ["variable", "field", "none"] as const) {
      expect(injectTools(plain, [], { place, hasToolRole: false })).toEqual({ messages: plain });
    }
  });
});
