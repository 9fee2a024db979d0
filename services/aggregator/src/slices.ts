/** Work on the main thread between two looks at the network. */
const SLICE_MS = 15;

/**
 * Takes everything that a generator computes, without keeping the process from its other requests:
 * every few milliseconds whatever else is ready runs first.
 */
export async function takeInSlices<Result>(source: Iterable<Result>): Promise<Result[]> {
  const results: Result[] = [];
  let sliceEnd = performance.now() + SLICE_MS;
  for (const result of source) {
    results.push(result);
    if (performance.now() < sliceEnd) continue;
    await new Promise((resolve) => setImmediate(resolve));
    sliceEnd = performance.now() + SLICE_MS;
  }
  return results;
}

/** Maps a list with up to `laneCount` items on their way at once; results stand in order. */
export async function mapInLanes<Item, Result>(
  items: readonly Item[],
  laneCount: number,
  map: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = new Array(items.length);
  // All lanes draw from one iterator.
  const entries = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of entries) results[index] = await map(item);
  };
  await Promise.all(Array.from({ length: laneCount }, lane));
  return results;
}
