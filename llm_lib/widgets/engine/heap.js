// A binary heap: the best of n items in O(log n). `before(a, b)` says whether a comes out first.
export function createHeap(before, items = []) {
  const heap = [...items];
  for (let i = (heap.length >> 1) - 1; i >= 0; i -= 1) sink(i);

  function sink(start) {
    const item = heap[start];
    let hole = start;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1], heap[child])) child += 1;
      if (!before(heap[child], item)) break;
      heap[hole] = heap[child];
      hole = child;
    }
    heap[hole] = item;
  }

  function push(item) {
    let hole = heap.length;
    heap.push(item);
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (!before(item, heap[parent])) break;
      heap[hole] = heap[parent];
      hole = parent;
    }
    heap[hole] = item;
  }

  // The best item, or undefined when the heap is empty.
  function pop() {
    const best = heap[0];
    const last = heap.pop();
    if (heap.length > 0) {
      heap[0] = last;
      sink(0);
    }
    return best;
  }

  return {
    push,
    pop,
    get size() {
      return heap.length;
    },
  };
}
