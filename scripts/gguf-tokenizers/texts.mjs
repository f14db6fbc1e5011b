// Texts for comparing tokenizers: pieces of many writings, drawn by seed and put together in any order.
import { randomNumbers } from "../random-numbers.mjs";

const PIECES = [
  ..."the The THE quick brown Fox's it's IT'S we'll they've I'd you're 'Ll 'ſ it'ſ don't o'clock camelCaseWord HTTPServer".split(
    " ",
  ),
  ..."été E\u0301te\u0301 e\u0301 Ångström A\u030angstro\u0308m q\u0307\u0323 ﬁne İstanbul ẞtraße ǅungla naïve Σίσυφος ὈΔΥΣΣΕΎΣ привет МИР їжак".split(
    " ",
  ),
  ..."你好世界 日本語 ひらがな カタカナ 한국어 \u1112\u1161\u11ab ภาษาไทย हिन्दी বাংলা العربية עִבְרִית ქართული ተማሪ 𝔘𝔫𝔦 𐐀𐐨 ʰʷ ªº".split(
    " ",
  ),
  ..."0 7 42 123 1234 3.14 1,000,000 ٣٤٥ ४२ ½ Ⅷ ² ① 五 １２３ 𝟘𝟙 0x1F 2026-11-28 12:30".split(" "),
  ..."! ... ?! -- => != && || {} [] () <> </ /* */ // \\ \\n # $ % € £ _ __init__ ~ ` ^ + = @user #tag « » “ ” ‘ ’ … — 、 。 ！ ・ ¿ ،".split(
    " ",
  ),
  ..."🙂 👨‍👩‍👧 🇩🇪 ✓ ☃️ ™ ∑ \u200b \ufeff \u00ad \u180e \ufffd \ue000 \u0300 \u{e0001} \u0007 \u0001 \ufdd0 \uffff".split(
    " ",
  ),
  ..." |  |   |     |\t|\t\t|\n|\n\n|\r\n|\r\n\r\n|\r| \n|\n |\n  \n| \t \n|\u00a0|\u3000|\u2003|\u2028|\u2029|\u0085|\u1680|\u202f|\u205f|\v|\f|\u001c".split(
    "|",
  ),
  "    ",
  "for (let i = 0; i < n; i++) {\n\treturn f(x);\n}",
  "https://example.org/a?b=c&d=1#e",
];
const SPACES = [" ", " ", " ", "", "", "\n", "  "];

/** Added tokens with GGUF's number for their kind: special, user-defined, unused; some begin alike or are cut off elsewhere. */
export const ADDED = [
  ["<|begin|>", 3],
  ["<|end|>", 3],
  ["<|end|>x", 3],
  ["<｜begin▁of▁text｜>", 3],
  ["<tool_call>", 4],
  ["    ", 4],
  ["é!", 4],
  ["[PAD9]", 5],
];
const MARKS = [...ADDED.map(([text]) => text), "<|end", "|>", "<｜begin", "[PAD9", "<tool_call", "é"];

/** Words that become tokens though the merges before them may lead elsewhere. */
export const WORDS = [
  ..."hello world brown clock user return example quick-brown word привет 世界 한국어 été 123 ... ==> naïve ბ".split(
    " ",
  ),
  ..." hello, the, world, привет, return, 世界,\n\n\n, !!!".split(","),
  "llo wor",
];

/** Texts of one to sixteen pieces. */
export function drawTexts(count, seed) {
  const random = randomNumbers(seed);
  const pick = (list) => list[Math.floor(random() * list.length)];
  return Array.from({ length: count }, () => {
    let text = "";
    for (let left = 1 + Math.floor(random() * 16); left > 0; left--) {
      const kind = random();
      const piece = kind < 0.1 ? pick(MARKS) : kind < 0.2 ? pick(WORDS) : pick(PIECES);
      text += piece + pick(SPACES);
    }
    return text;
  });
}

/** Long runs of one sign, on which patterns go back and forth. */
export const LONG_TEXTS = [
  " ",
  "\n",
  " \n",
  "a",
  "A",
  "aB",
  "1",
  "-",
  "é",
  "\u0301",
  "中",
  "'s",
  "\t",
  "🙂",
  "a1 ",
  "<",
].map((text) => text.repeat(20_000 / text.length));

/** Every character of Unicode that a text may have, 64 to a text, each beside letters, digits and spaces. */
export function* sweepTexts() {
  let text = "";
  for (let code = 0, count = 0; code <= 0x10ffff; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const sign = String.fromCodePoint(code);
    text += `a${sign}b ${sign}A 1${sign}2${sign}${sign}. `;
    if (++count % 64 !== 0) continue;
    yield text;
    text = "";
  }
  if (text !== "") yield text;
}
