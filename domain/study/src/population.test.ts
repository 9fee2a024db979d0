import { describe, expect, test } from "vitest";
import { canonicalPopulation, isPopulationId, parsePopulation, whyBeyond } from "./index.ts";

const TOWN = `id: town.2026
collections:
  visits: [place, day]
  census: [age]
budget: { rho: 0.5, days: 30 }
`;

describe("a population", () => {
  const reading = parsePopulation(TOWN);
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
  const { population } = reading;

  test("is read in YAML, and from its own canonical form", () => {
    expect(population).toEqual({
      id: "town.2026",
      collections: [
        { collection: "census", columns: ["age"] },
        { collection: "visits", columns: ["place", "day"] },
      ],
      rho: 0.5,
      days: 30,
    });
    expect(parsePopulation(canonicalPopulation(population))).toEqual(reading);
  });

  test("holds what it says, and names what it does not", () => {
    const need = (collection: string, ...columns: string[]): string | null =>
      whyBeyond(population, [{ collection, columns }]);
    expect(need("visits", "day")).toBeNull();
    expect(need("visits", "day", "hour")).toBe("population town.2026 holds no visits.hour");
    expect(need("income", "sum")).toBe("population town.2026 holds no income");
  });

  test.each([
    ["", /expected a population as a mapping/],
    [TOWN.replace("town.2026", "../x"), /expected the id of a population/],
    [TOWN.replace("rho: 0.5", "rho: 0"), /expected rho above 0/],
    [TOWN.replace("rho: 0.5", "rho: .inf"), /finite/],
    [TOWN.replace("days: 30", "days: 0.5"), /a whole number from 1 to 3660/],
    [TOWN.replace("budget: { rho: 0.5, days: 30 }", ""), /expected budget, got nothing/],
    [TOWN.replace("[age]", "[]"), /at least one column/],
    [`${TOWN}issuers: [x]\n`, /a population, got "issuers"/],
  ])("%j is refused", (text, message) => {
    const broken = parsePopulation(text);
    expect(broken.ok ? "" : broken.problems.map((each) => each.message).join("; ")).toMatch(
      message,
    );
  });

  test("has an id that can stand in a URL", () => {
    const ids = ["a", "a-b_c.9", "", "-a", "a/b", "a%2f", "ü", "a".repeat(65)];
    expect(ids.map(isPopulationId)).toEqual([
      true,
      true,
      ...Array.from({ length: 6 }, () => false),
    ]);
  });
});
