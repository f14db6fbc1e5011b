import { describe, expect, it } from "vitest";
import { estimateRunMs } from "../../../lib/run/forecast.js";
import type { BenchData } from "../../../lib/results/bench-data.js";
import type { ServerFacts } from "../../../lib/targets/server-facts.js";
import { noticesOf } from "../../../lib/summary/notices.js";
import { markdownReport } from "../../../lib/report/report-markdown.js";
import { summarize } from "../../../lib/summary/summary.js";
import { dataOf, factsOf, QUIET_HOST, requestOf, runOf } from "../sample-data.js";

const SERVER: ServerFacts = {
  url: "http://host:8000/v1",
  endpoint: "chat",
  servedModel: "org/phi",
  software: "uvicorn",
  version: "0.16.0",
  model: { id: "org/phi", root: "/models/phi", ownedBy: "vllm", maxModelLength: 4096 },
  prompts: "text",
  leftOut: ["ignore_eos"],
};

function measuredOverHttp(deliveredMs: readonly number[] = [50, 60, 70, 80, 90, 100, 110, 120]): BenchData {
  return dataOf(
    { http: { url: "http://host:8000", endpoint: "chat" }, levels: [1], repeats: 1 },
    {
      targets: [factsOf("model", { engine: "http", stamps: "client", prefixCaching: null, server: SERVER })],
      runs: ({ runs }) =>
        runs.map((run) =>
          runOf(run, {
            host: { ...QUIET_HOST, othersCpuShare: 0.95 },
            requests: [
              requestOf({ producedMs: deliveredMs, deliveredMs, expectedTokens: deliveredMs.length }),
            ],
          }),
        ),
    },
  );
}

describe("the notices of a benchmark of a server", () => {
  it("say whose machine it is, and do not call the server's own work noise", () => {
    expect(noticesOf(measuredOverHttp())).toEqual([
      "model is measured over HTTP (http://host:8000/v1): machine and versions are the client's; " +
        "those of the server are not known, and whether it is the same machine is not either.",
    ]);
  });

  it("say where several tokens came in one piece", () => {
    expect(noticesOf(measuredOverHttp([50, 50, 70, 70, 90, 90, 110, 110]))).toContain(
      "Several tokens of model came in one piece: the gaps between tokens (ITL) are those between pieces.",
    );
  });
});

describe("the report of a benchmark of a server", () => {
  it("names server, model and prompts, what the server refuses, and vLLM's name of the endpoint", () => {
    const summary = summarize(measuredOverHttp());
    const report = markdownReport(summary);
    expect(report).toContain(
      "`org/phi` of http://host:8000/v1; endpoint chat; server uvicorn 0.16.0; loaded from /models/phi; " +
        "prompts words; without ignore_eos, which it refuses",
    );
    expect(report).not.toContain("device CPU.");
    expect(summary.results[0]).toMatchObject({ endpoint_type: "openai-chat", model_id: "org/phi" });
  });
});

it("a server is expected to answer requests at once, whichever engine runs in this process", () => {
  const { plan } = dataOf({
    http: { url: "http://host", inProcess: true },
    engine: "pipeline",
    levels: [1, 8],
    repeats: 1,
  });
  const figures = { ttftMs: 10, tpotMs: 10 };
  const probe = { target: "", loadMs: 0, single: figures, full: { ...figures, concurrency: 8 } };
  const msOf = (target: string) =>
    plan.runs
      .filter((run) => run.target === target && run.concurrency === 8)
      .map((run) => estimateRunMs(run, plan, probe))[0] ?? 0;
  expect(msOf("model") / msOf("model (http)")).toBeGreaterThan(4);
});
