/** Makes a draft a study that this town can answer. */

import { type CompleteStudy, completeStudy, type Study, StudyError } from "@sumus/study";
import { LabError } from "../lab-error.ts";
import type { Town } from "./town.ts";

/** Reports are taken from a minute ago, for clocks that differ, until tomorrow. */
const WINDOW = { beforeSeconds: 60, afterSeconds: 86_400 };
/** The population that studies are charged to when they name none. */
const LAB_POPULATION = "lab";

/**
 * Fills in what a draft leaves open. Nodes, collector and window are always the lab's own: it has
 * no others, and its clock stands where it stands; a note says so when the manifest wants others.
 */
export function completeInTown(town: Town, draft: Study, nowSeconds: number): CompleteStudy {
  const { combine, window } = draft;
  if (combine.leader !== null || combine.helper !== null || combine.collector !== null) {
    town.progress.note("The lab asks its own two nodes, not those of the manifest.");
  }
  if (window !== null && (nowSeconds < window.opens || nowSeconds >= window.closes)) {
    town.progress.note("The study's window is not open now; the lab opens one of its own.");
  }
  if (draft.recurrence !== null) {
    town.progress.note("The study is asked again and again; the lab asks once.");
  }
  try {
    const open = {
      ...draft,
      combine: { ...combine, leader: null, helper: null, collector: null },
      window: null,
      // Asked now, and once.
      recurrence: null,
    };
    return completeStudy(open, {
      commissioner: town.commissioner.did,
      leader: town.nodes.leader.url,
      helper: town.nodes.helper.url,
      collector: town.commissioner.collectorKey,
      population: LAB_POPULATION,
      window: {
        opens: nowSeconds - WINDOW.beforeSeconds,
        closes: nowSeconds + WINDOW.afterSeconds,
      },
    });
  } catch (error) {
    if (!(error instanceof StudyError)) throw error;
    const remedy = "Change the manifest; sumus study check FILE shows the line.";
    throw new LabError("badInput", error.message, remedy, { cause: error });
  }
}
