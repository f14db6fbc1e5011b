// Makes and holds an entry of the cache as its parent says, in a process of its own: "hold" (answers "waits" while
// another process makes it, "makes", then "holds"), "made" lets the making end, "release <what becomes of it>".
import { writeFile } from "node:fs/promises";
import { makeHeldEntry } from "../../../dist/cache/held-entry.js";

const [dest] = process.argv.slice(2);
const answer = (text) => process.send(text);
let held;
let letEnd;

async function make(tmp) {
  answer("makes");
  await new Promise((done) => (letEnd = done));
  await writeFile(`${tmp}/file`, "whole");
}

async function follow(message) {
  const [word, afterwards] = message.split(" ");
  if (word === "made") letEnd();
  if (word === "hold") {
    held = await makeHeldEntry(dest, make, { onWait: () => answer("waits") });
    answer("holds");
  }
  if (word === "release") answer((await held.release(afterwards)) ? "kept" : "not kept");
}

process.on("message", (message) => void follow(message));
