// What require() gives: the same module. TypeScript before 5.8, and `module: node16`, do not know that Node.js can.
// @ts-ignore
export * from "../dist/index.js";
