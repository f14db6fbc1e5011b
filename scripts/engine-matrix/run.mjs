/** Runs cases in child processes: one for many, a new one after each that ended its process. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { modelName } from "./models.mjs";

const CHILD = fileURLToPath(new URL("child.mjs", import.meta.url));
const LIMIT_MS = 60_000;

/**
 * @param {import("./cases.mjs").Case[]} cases of which those with the same `env` and `cpus` share processes
 * @param {string} root the folder of the models
 * @param {(one: import("./cases.mjs").Case, outcome: object) => void} onOutcome
 */
export async function runCases(cases, root, onOutcome) {
  const groups = new Map();
  for (const [id, one] of cases.entries()) {
    const key = JSON.stringify([one.env ?? {}, one.cpus ?? ""]);
    if (!groups.has(key)) groups.set(key, []);
    const dir = join(root, modelName(one.model));
    groups.get(key).push({ ...one, id, dir, reference: `${dir}.${one.tokenIds.length}.reference` });
  }
  for (const group of groups.values()) await runGroup(group, (id, outcome) => onOutcome(cases[id], outcome));
}

async function runGroup(group, onOutcome) {
  let left = group;
  while (left.length > 0) {
    const { ended, done } = await runProcess(left, onOutcome);
    left = left.slice(done);
    if (ended === undefined) continue;
    const [faulty, ...others] = left;
    left = others;
    // A case that does not end a process of its own was the victim of one before it.
    let outcome = { ...ended, alone: true };
    if (done > 0) {
      const again = await runProcess([faulty], (_, alone) => (outcome = { ...alone, after: ended }));
      if (again.ended !== undefined) outcome = { ...again.ended, alone: true };
    }
    onOutcome(faulty.id, outcome);
  }
}

/** How many cases were done, and how the process ended before the next one was, if it did. */
async function runProcess(cases, onOutcome) {
  const [{ env, cpus }] = cases;
  const command = [...(cpus === undefined ? [] : ["taskset", "-c", cpus]), process.execPath, CHILD];
  const child = spawn(command[0], command.slice(1), {
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let [done, stderr, hung] = [0, "", false];
  const timer = setTimeout(() => ((hung = true), child.kill("SIGKILL")), LIMIT_MS);
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr = (stderr + text).slice(-2000)));
  child.on("message", ({ done: id, ...outcome }) => {
    timer.refresh();
    if (id === undefined) return;
    done++;
    onOutcome(id, outcome);
  });
  child.send(cases);
  const [code, signal] = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (...how) => resolve(how));
  });
  clearTimeout(timer);
  if (done === cases.length) return { done };
  return {
    done,
    ended: { signal: hung ? "hang" : (signal ?? `exit ${code}`), stderr: stderr.trim().slice(-300) },
  };
}
