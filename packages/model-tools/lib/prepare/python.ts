/** The Python that the exporter's environment is made with. */
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";

/** Minor versions of Python 3 for which every pinned package has a wheel. */
const MINORS = { from: 11, to: 13 } as const;

/** A Python that can make the environment. */
export interface ExporterPython {
  /** Command to start it by. */
  readonly command: string;
  /** E.g. "3.11.7". */
  readonly version: string;
}

/** Asks a Python for its version and for the modules that make an environment. */
const PROBE = `
import importlib.util, json, sys
print(json.dumps({"version": ".".join(map(str, sys.version_info[:3])), "name": sys.implementation.name,
  "missing": [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]}))`;
import { OpenVinoLlmError } from "openvino-llm";

interface Answer {
  readonly version: string;
  readonly name: string;
  readonly missing: readonly string[];
}

/**
 * Finds a CPython 3.11 to 3.13 that can make virtual environments: `OPENVINO_LLM_PYTHON`, else `python3`, else
 * `python3.13` down to `python3.11` on PATH.
 *
 * @throws OpenVinoLlmError ERR_DOWNLOAD saying what was found instead
 */
export async function findExporterPython(env: NodeJS.ProcessEnv = process.env): Promise<ExporterPython> {
  const given = env["OPENVINO_LLM_PYTHON"];
  // What is a path stays one in whatever folder it is started.
  const own = given?.includes("/") ? resolve(given) : given;
  const versions = Array.from({ length: MINORS.to - MINORS.from + 1 }, (_, i) => `python3.${MINORS.to - i}`);
  const refused: string[] = [];
  for (const command of own ? [own] : ["python3", ...versions]) {
    const answer = await ask(command, env);
    const reason = answer === null ? "does not run" : reasonAgainst(answer);
    if (answer !== null && reason === null) return { command, version: answer.version };
    // A version that is not installed is no news where python3 itself is there.
    if (answer !== null || command === own || command === "python3") refused.push(`${command} ${reason}`);
  }
  throw new OpenVinoLlmError(
    "ERR_DOWNLOAD",
    `Expected a Python 3.${MINORS.from} to 3.${MINORS.to} for Optimum Intel's exporter but ${refused.join("; ")}. Install one ` +
      "(Debian and Ubuntu: apt install python3 python3-venv), or name one in OPENVINO_LLM_PYTHON.",
  );
}

async function ask(command: string, env: NodeJS.ProcessEnv): Promise<Answer | null> {
  // Not in the working folder, which an empty or relative entry of PATH would name.
  const options = { env, cwd: "/" };
  try {
    const { stdout } = await promisify(execFile)(command, ["-I", "-c", PROBE], options);
    return JSON.parse(stdout) as Answer;
  } catch {
    // One that is too old for the question still prints its version.
    const said = await promisify(execFile)(command, ["--version"], options).catch(() => null);
    const version = /^Python (\d+\.\d+(?:\.\d+)?)/m.exec(`${said?.stdout}\n${said?.stderr}`)?.[1];
    return version === undefined ? null : { version, name: "cpython", missing: [] };
  }
}

function reasonAgainst({ version, name, missing }: Answer): string | null {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major !== 3 || minor < MINORS.from || minor > MINORS.to) return `is Python ${version}`;
  if (name !== "cpython") return `is ${name}, for which there are no wheels`;
  if (missing.length > 0) {
    return `(${version}) has no module ${missing.join(" and ")}: apt install python3.${minor}-venv`;
  }
  return null;
}
