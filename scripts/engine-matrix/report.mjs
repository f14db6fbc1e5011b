/** The results as tables. */
import { VERDICTS } from "./judge.mjs";

/** Markdown: for each section the settings in which not every model is right, with the models that are not. */
export function markdownOf(results, cpu) {
  const sections = groupsOf(results, ({ section }) => section);
  return [
    `${cpu}; ${count(results, "case")}: ${totals(results)}.`,
    ...[...sections].map(([section, cases]) => tableOf(section, cases)),
  ].join("\n\n");
}

function tableOf(section, results) {
  const settings = groupsOf(results, ({ setting }) => setting);
  const faulty = [...settings].filter(([, cases]) => cases.some(({ verdict }) => verdict !== "right"));
  const head = `### ${section}\n\n${count(results, "case")}: ${totals(results)}; ${count([...settings], "setting")}`;
  if (faulty.length === 0) return `${head}, every one right with every model.`;
  const rows = faulty.flatMap(([setting, cases]) => rowsOf(setting, cases));
  return [
    `${head}, of which these are not right everywhere:`,
    ["| setting | verdict | models |", "| --- | --- | --- |", ...rows].join("\n"),
  ].join("\n\n");
}

function rowsOf(setting, cases) {
  const cell = ({ verdict, what }) =>
    ["crash", "error"].includes(verdict) ? `${verdict}: ${what}` : verdict;
  const groups = groupsOf(
    cases.filter(({ verdict }) => verdict !== "right"),
    cell,
  );
  return [...groups].map(([verdict, faulty]) => {
    const models = faulty.length === cases.length ? `all ${cases.length}` : namesOf(faulty).join(", ");
    return `| ${setting} | ${verdict.replaceAll("|", "\\|")} | ${models} |`;
  });
}

/** A Map of lists, by what `keyOf` gives. */
function groupsOf(items, keyOf) {
  const groups = new Map();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

function namesOf(results) {
  return results.map(({ model }) => model);
}

function totals(results) {
  return VERDICTS.map((verdict) => [verdict, results.filter((result) => result.verdict === verdict).length])
    .filter(([, number]) => number > 0)
    .map(([verdict, number]) => `${number} ${verdict}`)
    .join(", ");
}

function count({ length }, what) {
  return `${length} ${what}${length === 1 ? "" : "s"}`;
}

/** JSON of a fifth of the size: names once, then a row of indexes for each case. */
export function jsonOf(results, cpu) {
  const names = { section: [], setting: [], model: [] };
  const indexOf = (key, name) => {
    const found = names[key].indexOf(name);
    return found === -1 ? names[key].push(name) - 1 : found;
  };
  const cases = results.map(({ section, setting, model, verdict, what }) => [
    indexOf("section", section),
    indexOf("setting", setting),
    indexOf("model", model),
    verdict,
    what,
  ]);
  const rows = cases.map((row) => JSON.stringify(row)).join(",\n");
  return `{"cpu":${JSON.stringify(cpu)},"names":${JSON.stringify(names)},\n"cases":[\n${rows}\n]}\n`;
}
