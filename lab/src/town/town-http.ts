/** Requests to the town's nodes, which may die and come back, in the words of the lab. */

import { createPatientHttp, NodeError, type PatientHttp } from "@sumus/client";
import { LabError } from "../lab-error.ts";

export type TownHttp = Readonly<Record<"leader" | "helper", PatientHttp>>;

/** Gives up with the signal at once, or after two minutes without a final answer. */
export function createTownHttp(note: (text: string) => void, signal: AbortSignal): TownHttp {
  const patient = (who: "leader" | "helper"): PatientHttp => {
    let wasTold = false;
    const http = createPatientHttp({
      signal,
      onTrouble: (trouble) => {
        if (wasTold) return;
        wasTold = true;
        note(`The ${who} ${trouble}. Waiting for it; nothing is lost.`);
      },
    });
    return {
      async send(request) {
        try {
          const answer = await http.send(request);
          wasTold = false;
          return answer;
        } catch (error) {
          throw inOurWords(who, error);
        }
      },
    };
  };
  return { leader: patient("leader"), helper: patient("helper") };
}

/** What a node did not do, as a person reads it. */
export function inOurWords(who: "leader" | "helper", error: unknown): unknown {
  if (!(error instanceof NodeError)) return error;
  if (error.code === "unavailable") {
    return new LabError(
      "failed",
      `The ${who} does not answer, for two minutes now.`,
      "Nothing was released. Is the machine out of memory or disk? Run again.",
    );
  }
  const message = `The ${who} did not do its part: ${error.message}`;
  return new LabError("failed", message, "This is a fault of the node or of the lab.");
}
