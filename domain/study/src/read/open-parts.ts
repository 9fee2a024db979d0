import type { Study } from "../study.ts";

/** What a draft may leave open and `completeStudy` fills in; by path, those that are open. */
export function openParts({
  combine,
  privacy,
  window,
}: Pick<Study, "combine" | "privacy" | "window">): readonly string[] {
  const parts = [
    ["combine.leader", combine.leader],
    ["combine.helper", combine.helper],
    ["combine.collector", combine.collector],
    ["privacy.population", privacy.population],
    ["window", window],
  ] as const;
  return parts.filter(([, value]) => value === null).map(([path]) => path);
}
