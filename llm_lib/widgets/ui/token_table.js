// The tokens of a cut as a table, for figure().
import { grouped, hexBytes, readable, shownToken } from "./token_text.js";

const ROWS = 500;

// counts: [[name, count], …] of all the cuts; total and tokens: of the one shown; text: what was cut.
export function tokenTable({ counts, total, tokens, text }) {
  const compared = counts.map(([name, count]) => `${name}: ${grouped(count)}`).join("; ");
  const capped = total > ROWS ? ` The first ${ROWS} of ${grouped(total)} tokens:` : "";
  return {
    caption: `Tokens. ${compared}.${capped}`,
    columns: ["token", "text", "id", "bytes", "characters"],
    rows: tokens
      .slice(0, ROWS)
      .map((token, i) => [
        i + 1,
        shownToken(token).text,
        token.id,
        hexBytes(token.bytes),
        readable(text.slice(token.start, token.end)),
      ]),
  };
}
