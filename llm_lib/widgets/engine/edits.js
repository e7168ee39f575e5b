// Changes to a running model, as hooks: what would it say without this head, with that vector?
// The twin of llm_lib/hooks.py. Each is a function (name, data, shape) for reader.read({ hook }).

// A head that adds nothing: its mixture of values is 0.
export function silenceHead(layer, head) {
  return edit(`blocks.${layer}.heads`, (data, [heads, T, size]) => {
    requireBelow("head", head, heads);
    data.fill(0, head * T * size, (head + 1) * T * size);
  });
}

// A neuron of the feed-forward layer that never fires.
export function silenceNeuron(layer, neuron) {
  return edit(`blocks.${layer}.active`, (data, [, width]) => {
    requireBelow("neuron", neuron, width);
    for (let i = neuron; i < data.length; i += width) data[i] = 0;
  });
}

// A part of a block that adds nothing to the stream: "attention" or "feed_forward".
export function silencePart(layer, part) {
  if (part !== "attention" && part !== "feed_forward") {
    throw new RangeError(`part is “${part}”; a block has "attention" and "feed_forward"`);
  }
  return edit(`blocks.${layer}.${part}`, (data) => data.fill(0));
}

// An intermediate replaced by `value`: numbers, such as those of the trace of another text, or a
// function (data, shape) that returns the new numbers. With `position`, only the row of that
// position is; -1 is the last.
export function replace(name, value, position) {
  return edit(name, (data, shape) => {
    const [T, width] = shape.slice(-2);
    const numbers = typeof value === "function" ? value(data.slice(), shape) : value;
    if (numbers.length !== data.length) {
      throw new RangeError(
        `${numbers.length} numbers do not fit in ${name} of shape (${shape.join(", ")})`,
      );
    }
    if (position === undefined) {
      data.set(numbers);
      return;
    }
    requireBelow("position", position < 0 ? position + T : position, T);
    const row = (position < 0 ? position + T : position) * width;
    for (let from = row; from < data.length; from += T * width) {
      for (let i = from; i < from + width; i += 1) data[i] = numbers[i];
    }
  });
}

// Several hooks as one, the first one first.
export function compose(...hooks) {
  return (name, data, shape) => hooks.forEach((hook) => hook(name, data, shape));
}

// A hook cannot know the model that will call it. So it waits for the last name, and complains if
// its own has not come by: else a wrong layer would silently change nothing.
function edit(target, change) {
  let met = false;
  return (name, data, shape) => {
    if (name === "embedding.token") met = false;
    if (name === target) {
      met = true;
      change(data, shape);
    }
    if (name === "logits" && !met) throw new RangeError(`no intermediate is named “${target}”`);
  };
}

function requireBelow(what, index, count) {
  if (Number.isInteger(index) && index >= 0 && index < count) return;
  throw new RangeError(`there is no ${what} ${index}; there are 0 to ${count - 1}`);
}
