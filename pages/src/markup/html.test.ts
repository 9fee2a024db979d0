import fc from "fast-check";
import { expect, test } from "vitest";
import { escapeHtml, html, raw } from "./html.ts";

test("values are escaped, markup is not", () => {
  const inner = html`<b>${"<script>"}</b>`;
  expect(html`<p title="${'"&'}">${inner}</p>`.text).toBe(
    '<p title="&quot;&amp;"><b>&lt;script&gt;</b></p>',
  );
});

test("lists are joined and nothing leaves nothing", () => {
  expect(html`${[html`<i>`, "<", 1]}${null}${undefined}${false}${raw("</i>")}`.text).toBe(
    "<i>&lt;1</i>",
  );
});

test("no text can open a tag, an entity or leave an attribute", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const escaped = escapeHtml(text);
      expect(escaped).not.toMatch(/[<>"']/);
      expect(escaped.replace(/&(?:amp|lt|gt|quot|#39);/g, "")).not.toContain("&");
    }),
  );
});
