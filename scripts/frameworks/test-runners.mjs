// Test runners: a test file that generates.

const BODY = `
  const llm = await LLMPipeline.load(process.env.MODEL);
  let answer = "";
  for await (const { text } of llm.stream("hello")) answer += text;
  await llm.close();
  expect(answer).toBe(process.env.ANSWER);
`;
const SHOW = 'if [ $? = 0 ]; then echo "$ANSWER"; else cat log; fi';
const JEST_MODULES = "NODE_OPTIONS=--experimental-vm-modules";

/** @type {import("./framework.mjs").Framework[]} */
export const testRunners = [
  {
    name: "jest",
    packages: { jest: "30.5.2" },
    files: {
      "jest.config.json": '{ "transform": {} }',
      "module.test.mjs": `import { LLMPipeline } from "openvino-llm";\ntest("answers", async () => {${BODY}});`,
      "import.test.cjs": `test("answers", async () => {\n  const { LLMPipeline } = await import("openvino-llm");${BODY}});`,
      "require.test.cjs": `const { LLMPipeline } = require("openvino-llm");\ntest("answers", async () => {${BODY}});`,
    },
    trials: [
      {
        what: `${JEST_MODULES}, import`,
        command: `${JEST_MODULES} jest --testMatch '**/module.test.mjs' >log 2>&1; ${SHOW}`,
      },
      {
        what: `${JEST_MODULES}, await import() in CommonJS`,
        command: `${JEST_MODULES} jest --testMatch '**/import.test.cjs' >log 2>&1; ${SHOW}`,
      },
      {
        what: "require() as it is (Node before 24.9)",
        command: `jest --testMatch '**/require.test.cjs' >log 2>&1; ${SHOW}`,
        fails: "Must use import to load ES Module",
      },
    ],
  },
  {
    name: "vitest",
    packages: { vitest: "4.1.12" },
    files: {
      "app.test.js": `import { LLMPipeline } from "openvino-llm";\nimport { expect, test } from "vitest";\ntest("answers", async () => {${BODY}});`,
    },
    trials: ["forks", "threads", "vmForks", "vmThreads"].map((pool) => ({
      what: `pool ${pool}, as it is`,
      command: `vitest run --pool ${pool} >log 2>&1; ${SHOW}`,
    })),
  },
];
