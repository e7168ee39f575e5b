// Which part of a long text a square of attention shows, and what its places add up to.

// The first token of a stretch of `room` tokens that holds `query`; stays at `before` while it can.
export function windowStart(T, query, room, before = T - room) {
  const kept = Math.min(before, query);
  return Math.max(0, Math.min(T - room, Math.max(kept, query - room + 1)));
}

// Returns { first, places }. The places shown are tokens, from `first` on; where that is not the
// beginning, also the first token, and all between as one. Each is { kind, from, to }.
export function placesOf(T, room, query, before) {
  const tokens = (from, count) =>
    Array.from({ length: count }, (_, i) => ({ kind: "token", from: from + i, to: from + i }));
  if (T <= room) return { first: 0, places: tokens(0, T) };
  const first = windowStart(T, query, room - 2, before);
  const inside = tokens(first, room - 2);
  if (first === 0) return { first, places: inside };
  if (first === 1) return { first, places: [...tokens(0, 1), ...inside] };
  const earlier = { kind: "earlier", from: 1, to: first - 1 };
  return { first, places: [...tokens(0, 1), earlier, ...inside] };
}

// What `query` gives to each place. square: (T, T).
export function sharesOf(square, T, query, places) {
  return places.map(({ from, to }) => {
    let share = 0;
    for (let key = from; key <= to; key += 1) share += square[query * T + key];
    return share;
  });
}

// The same for the rows of all places; null for the row of several tokens.
export function squareOf(square, T, places) {
  return places.map(({ kind, from }) =>
    kind === "token" ? sharesOf(square, T, from, places) : null,
  );
}
