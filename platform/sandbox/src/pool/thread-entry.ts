/** A worker of a browser that runs maps. */
import { type MapNews, type MapOrder, serveMaps } from "./map-thread.ts";

/** The global scope of a worker, as far as this needs it: its library does not go with a page's. */
interface WorkerScope {
  postMessage(news: MapNews): void;
  onmessage: ((event: { readonly data: MapOrder }) => void) | null;
}

const scope = globalThis as unknown as WorkerScope;
const take = serveMaps(
  (news) => scope.postMessage(news),
  () => null,
);
scope.onmessage = ({ data }) => take(data);
