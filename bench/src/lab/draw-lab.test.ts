import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { LabRow } from "../lab.ts";
import { drawLab } from "./draw-lab.ts";

const RESULTS = join(import.meta.dirname, "../../results");

function row(people: number, store: LabRow["store"]): LabRow {
  const cpuMsPerPerson = {
    map: 0.1,
    encode: 0.5,
    client: 0.3,
    leader: 0.5,
    helper: 0.4,
    storage: 0.3,
  };
  return { bench: "lab", people, store, cpuMsPerPerson, peoplePerSecond: 612, rssMb: 1400 };
}

describe("the picture of the lab's record", () => {
  it("has a bar a run, in order, with its sum", () => {
    const picture = drawLab([row(10_000, "postgres"), row(1000, "postgres"), row(1000, "pglite")]);
    const names = [...picture.matchAll(/end">([\d,]+, \w+)</g)].map(([, name]) => name);
    expect(names).toEqual(["1,000, pglite", "1,000, postgres", "10,000, postgres"]);
    expect(picture.match(/>2\.10</g)).toHaveLength(3);
    expect(picture.match(/<title>encode: 0\.5 ms<\/title>/g)).toHaveLength(3);
    expect(picture).not.toContain("NaN");
  });

  const records = readdirSync(RESULTS).filter((name) => name.endsWith("-lab.json"));
  it.each(records)("%s is what its picture was drawn from", (name) => {
    const path = join(RESULTS, name);
    const { rows } = JSON.parse(readFileSync(path, "utf8")) as { rows: readonly LabRow[] };
    const drawn = drawLab(rows.filter(({ bench }) => bench === "lab"));
    expect(readFileSync(path.replace(/json$/, "svg"), "utf8")).toBe(drawn);
  });
});
