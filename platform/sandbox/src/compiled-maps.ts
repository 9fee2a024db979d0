/** Maps that stay compiled, and refusals of maps that did not compile, in order of last use. */
import type { MapLimits, RefusedMap } from "./map-run.ts";

/** An image of a machine is up to a megabyte. */
const COMPILED_MAX = 16;

type Compilation<T> = { readonly ok: true; readonly map: T } | RefusedMap;

export interface CompiledMaps<T> {
  /** What `compile` made of this source within these limits of memory, now or earlier. */
  get(
    source: string,
    limits: Pick<MapLimits, "memoryBytes">,
    compile: () => T | RefusedMap,
  ): Compilation<T>;
}

export function keepCompiled<T extends object>(): CompiledMaps<T> {
  const kept = new Map<string, Compilation<T>>();
  return {
    get(source, limits, compile) {
      const key = `${limits.memoryBytes} ${source}`;
      let compilation = kept.get(key);
      if (compilation === undefined) {
        const made = compile();
        compilation = "ok" in made ? made : { ok: true, map: made };
      }
      kept.delete(key);
      kept.set(key, compilation);
      for (const oldest of kept.keys()) {
        if (kept.size <= COMPILED_MAX) break;
        kept.delete(oldest);
      }
      return compilation;
    },
  };
}
