// Each head of a model switched off in turn: what the next token loses by it. Found one by one, and
// kept as long as the text and the token that looks stay the same.

// reader: see createHeadReader(); drawn() hears of each result.
// Returns { effects(key), start }: effects[layer][head] of the trial that `key` stands for, or
// null.
export function headTrial(reader, drawn) {
  let current = null;
  return {
    effects(key) {
      if (current && current.key !== key) {
        reader.stopTrial();
        current = null;
      }
      return current?.effects ?? null;
    },
    // effectOf(logits) makes the result. Resolves to whether the trial came to its end.
    async start(key, ids, effectOf) {
      const mine = { key, effects: [] };
      current = mine;
      await reader.tryEach(ids, ({ layer, head, logits }) => {
        (mine.effects[layer] ??= [])[head] = effectOf(logits);
        drawn();
      });
      return current === mine;
    },
  };
}
