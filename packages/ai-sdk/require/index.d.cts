// TypeScript before 5.8, and `module: node16`, do not know that Node.js can require an ES module.
// @ts-ignore
export * from "../dist/index.js";
