import { describeEligible } from "../eligibility.ts";
import type { Study } from "../study.ts";

/** What one party learns from a study, in a sentence. */
export interface Disclosure {
  readonly party: string;
  readonly learns: string;
}

/** What taking part tells about a vault, whatever its rows hold. */
export function participationDisclosure({ needs, eligible }: Study): string {
  const names = needs.map(({ collection }) => collection).join(" and ");
  const told = describeEligible({ eligible });
  const holds = `Taking part discloses that your vault holds ${names}`;
  return told === null
    ? `${holds}, whatever is written there.`
    : `${holds}, and that ${told}. No noise hides that.`;
}

/** Who learns what, the parties that must not talk to each other included. */
export function disclosures(study: Study): readonly Disclosure[] {
  const { peopleMin } = study.privacy;
  const told = describeEligible(study);
  const eligible = told === null ? "" : `, and that its ${told}`;
  return [
    {
      party: "leader",
      learns:
        `that a vault with the needed collections took part${eligible}, when and from which ` +
        "address; one half of each contribution, which alone is random numbers; its half of the sums",
    },
    {
      party: "helper",
      learns:
        "the other half of each contribution, through the leader and without an address; its " +
        "half of the sums",
    },
    {
      party: "leader and helper together",
      learns: "every contribution, if they broke their word and put their halves together",
    },
    {
      party: "commissioner",
      learns:
        `once at least ${peopleMin} people took part: how many, and the sums with the noise of ` +
        "both nodes; no contribution of anybody",
    },
    {
      party: "everybody",
      learns: "what the commissioner publishes: estimates, intervals, the number of people",
    },
  ];
}
