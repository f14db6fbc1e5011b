// The results as Markdown. Pure: rows in, text out.
import { groups, machineSection, table, withExtremes } from "../shared/report.mjs";

/** @param {readonly object[]} rows as run.mjs records them */
export function summaryOf(rows) {
  const [machine] = rows.filter(({ part }) => part === "machine");
  const [setting] = rows.filter(({ part }) => part === "setting");
  const cells = rows.filter(({ part }) => part === "cell");
  const { ttftMs, tpotMs, slowTpotMs, outputTokens, repetitions } = setting;
  const failed = cells.reduce((sum, cell) => sum + cell.failed, 0);
  return [
    machineSection(machine),
    `- A server in a process of its own: the first token after ${ttftMs} ms, then one every ${tpotMs} ms, of every second ` +
      `request every ${slowTpotMs} ms; ${outputTokens} tokens each, ${repetitions} repetitions; ${failed} requests failed`,
    "",
    "The client's figures minus those of the times at which the server wrote: median over the repetitions, in brackets the " +
      `least and the most. The script alone gives TTFT ${ttftMs}, TPOT and ITL ${(tpotMs + slowTpotMs) / 2} ms, goodput 50 %.`,
    "",
    table(
      [
        "requests at once",
        "TTFT, ms",
        "TPOT, µs",
        "ITL, µs",
        "TPOT as measured, ms",
        "within the service level",
      ],
      perLevel(cells, "http", (group) => [
        withExtremes(differences(group, "ttftMs"), 3),
        withExtremes(differences(group, "tpotMs", 1000), 1),
        withExtremes(differences(group, "itlMs", 1000), 1),
        withExtremes(
          group.map(({ onClient }) => onClient.tpotMs),
          3,
        ),
        withExtremes(
          group.map(({ goodShare }) => 100 * goodShare),
          1,
        ),
      ]),
    ),
    "",
    "From the server's write of a token to its stamp at the client, µs, and the CPU time of the client's thread, µs per token.",
    "",
    table(
      ["client", "requests at once", "median lag", "99th percentile", "CPU time"],
      ["http", "fetch"].flatMap((client) =>
        perLevel(cells, client, (group) => [
          withExtremes(
            group.map(({ lagUs }) => lagUs.median),
            0,
          ),
          withExtremes(
            group.map(({ lagUs }) => lagUs.p99),
            0,
          ),
          withExtremes(
            group.map(({ cpuUs }) => cpuUs),
            1,
          ),
        ]).map((row) => [client === "http" ? "`node:http`, as used" : "`fetch`", ...row]),
      ),
    ),
    "",
  ].join("\n");
}

function perLevel(cells, client, cellsOf) {
  const own = cells.filter((cell) => cell.client === client);
  const levels = [...groups(own, ({ concurrency }) => concurrency)].sort(([a], [b]) => a - b);
  return levels.map(([concurrency, group]) => [String(concurrency), ...cellsOf(group)]);
}

function differences(group, name, scale = 1) {
  return group.map(({ onClient, onServer }) => (onClient[name] - onServer[name]) * scale);
}
