// Holds the grammars of JSON Schemas against the official test suite: counts the schemas, the valid instances that can be
// said, and the others that cannot. Prints each instance that is said wrong; exit code 1 when there is one.
//   node scripts/schema-trials.mjs [--suite FOLDER] [--times MODEL]
// --suite: the suite's folder `tests`, else it is fetched with pip, once. --times: how long the engine takes for the
// grammars of ten schemas with a model's vocabulary. Needs dist/, and for --times the built addon.
import { parseArgs } from "node:util";
import { judgeCase } from "./schema-trials/judge-case.mjs";
import { fetchSuite, suiteCases } from "./schema-trials/suite.mjs";
import { printTimes } from "./schema-trials/times.mjs";

const { values } = parseArgs({ options: { suite: { type: "string" }, times: { type: "string" } } });
if (values.times === undefined) await holdAgainstSuite();
else await printTimes(values.times);

async function holdAgainstSuite() {
  const suite = values.suite ?? (await fetchSuite());
  const counts = {
    schemas: 0,
    refused: 0,
    exact: 0,
    checkedAfter: 0,
    valid: 0,
    said: 0,
    invalid: 0,
    notSaid: 0,
    disputed: 0,
  };
  const refusals = new Map();
  const keywords = new Map();
  for await (const one of suiteCases(suite)) {
    counts.schemas += 1;
    const { refused, checkedAfter, results = [] } = await judgeCase(one);
    if (refused !== undefined) {
      counts.refused += 1;
      const reason = refused.replaceAll(/"[^"]*"|#\S*/g, "…").slice(0, 90);
      refusals.set(reason, (refusals.get(reason) ?? 0) + 1);
      continue;
    }
    const isExact = checkedAfter.length === 0;
    counts[isExact ? "exact" : "checkedAfter"] += 1;
    for (const keyword of checkedAfter) keywords.set(keyword, (keywords.get(keyword) ?? 0) + 1);
    for (const { description, text, isValid, isInvalid, isDisputed, isSaid } of results) {
      if (isDisputed) counts.disputed += 1;
      if (isValid) counts.valid += 1;
      if (isValid && isSaid) counts.said += 1;
      if (isInvalid && isExact) counts.invalid += 1;
      if (isInvalid && isExact && !isSaid) counts.notSaid += 1;
      if (!(isValid && !isSaid) && !(isInvalid && isExact && isSaid)) continue;
      const what = isSaid ? "said, and not valid" : "valid, and not said";
      process.stdout.write(
        `${one.draft} ${one.keyword}: ${one.description}: ${description}: ${what}: ${text}\n`,
      );
      process.stdout.write(`  ${JSON.stringify(one.schema)}\n`);
      process.exitCode = 1;
    }
  }
  const lines = [
    `schemas ${counts.schemas}: ${counts.exact} exact, ${counts.checkedAfter} with something checked after, ${counts.refused} refused`,
    `valid instances ${counts.valid}, said ${counts.said}`,
    `invalid instances of exact schemas ${counts.invalid}, not said ${counts.notSaid}`,
    `instances of which the check thinks otherwise than the suite ${counts.disputed}`,
    ...byCount("refused", refusals),
    ...byCount("checked after", keywords),
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

function byCount(title, counts) {
  return [...counts].toSorted(([, a], [, b]) => b - a).map(([what, count]) => `${title}: ${what}: ${count}`);
}
