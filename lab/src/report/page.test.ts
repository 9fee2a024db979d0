import { createHash } from "node:crypto";
import { defaultStory, type Story } from "@sumus/pages";
import { sampleMeasure } from "@sumus/pages/testing";
import { beforeAll, expect, test } from "vitest";
import type { LabStudyResult } from "../result.ts";
import { loadReportAssets } from "./assets.ts";
import { type ReportAssets, renderReport } from "./page.ts";
import { sampleResult, sampleStudy } from "./sample-result.ts";

let assets: ReportAssets;

beforeAll(async () => {
  assets = await loadReportAssets();
});

const WORDS = {
  title: "All were asked. Nobody knew.",
  lead: "A lead.",
  limits: ["A limit."],
  sources: ["Made up, https://example.org/a.b, CC BY 4.0."],
};

function cabStory(): Story {
  return {
    key: "neighborhoods",
    question: "Where?",
    headline: () => "",
    note: "",
    views: [
      {
        kind: "map",
        measure: "cabs",
        title: "Cabs",
        dimension: "neighborhood",
        areas: "place",
        unitName: "cabs",
      },
    ],
  };
}

function page(study: LabStudyResult, story: Story = cabStory()): string {
  return renderReport(sampleResult([study]), assets, { words: WORDS, storyOf: () => story }, []);
}

test("the page loads nothing and runs nothing", () => {
  const text = page(sampleStudy());
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/
    .exec(text)?.[1]
    ?.replaceAll("&#39;", "'");
  const hash = createHash("sha256").update(assets.style).digest("base64");
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain(`style-src 'sha256-${hash}'`);
  expect(text).not.toMatch(/<script|<img|<iframe|<link|javascript:| on[a-z]+=| style=| src=/i);
  const targets = [...text.matchAll(/(?:url\(["']?|<use href=")([^"')]{0,5})/g)];
  expect(targets.length).toBeGreaterThan(2);
  for (const [, target] of targets) expect(target).toMatch(/^(?:data:|#)/);
});

test("the same result gives the same bytes, and few of them", () => {
  expect(page(sampleStudy())).toBe(page(sampleStudy()));
  expect(page(sampleStudy()).length).toBeLessThan(2_000_000);
});

test("names and texts of a study cannot become markup", () => {
  const hostile = `"><script>alert(1)</script><a href='`;
  const study = sampleStudy({
    title: hostile,
    consent: [{ heading: hostile, text: hostile }],
    disclosures: [{ party: hostile, learns: hostile }],
    simulated: hostile,
    measures: [sampleMeasure(hostile, { [hostile]: hostile }, 500, { bin: hostile })],
    measureKinds: { [hostile]: "histogram" },
    tasks: [{ purpose: hostile, encoding: hostile, reason: hostile, reportBytes: 1, sigma: 1 }],
  });
  for (const story of [cabStory(), defaultStory(study)]) {
    const text = page(study, story);
    expect(text).not.toContain("<script");
    expect(text).not.toContain("<a href='");
  }
});

test("a scenario's words stand around its questions, and its sources are links", () => {
  const text = page(sampleStudy());
  expect(text).toContain("<h1><span>All were asked.</span> <span>Nobody knew.</span> </h1>");
  for (const words of ["A lead.", "A limit."]) expect(text).toContain(words);
  expect(text).toContain('Made up, <a href="https://example.org/a.b">example.org/a.b</a>, CC BY');
});

test("words of a scenario cannot become markup either", () => {
  const hostile = `"><script>alert(1)</script>https://x.example/"onclick=`;
  const words = { title: hostile, lead: hostile, limits: [hostile], sources: [hostile] };
  const result = sampleResult([sampleStudy()]);
  const text = renderReport(result, assets, { words, storyOf: cabStory }, []);
  expect(text).not.toMatch(/<script|"onclick/);
});

test("a suppressed number is said to be uncertain and its estimate appears nowhere", () => {
  const text = page(
    sampleStudy({
      measures: [
        sampleMeasure("cabs", { neighborhood: "Mission" }, 640),
        sampleMeasure("cabs", { neighborhood: "Seacliff" }, 76_543, {
          suppressed: true,
          truth: 3,
          truthAll: 4,
        }),
      ],
    }),
  );
  expect(text).toContain("Seacliff: too uncertain to say");
  expect(text).not.toContain("76,543");
});

test("a study without an answer says why and shows no number", () => {
  const study = sampleStudy({
    state: "tooFewPeople",
    reason: "37 of 100 people so far",
    measures: [],
    claim: null,
  });
  const text = page(study);
  expect(text).toContain("37 of 100 people so far");
  expect(text).not.toContain('<figure class="half">');
  expect(text).not.toContain("All 0 numbers");
});

test("the refused lies are counted and compared", () => {
  const text = page(sampleStudy());
  expect(text).toContain("10 of 10 were refused");
  expect(text).toContain("10,641");
});
