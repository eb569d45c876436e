import { afterEach, describe, expect, it } from "vitest";
import { rules, wear } from "../src/style";

const LIGHT = { color_background: "#fbfbfa", color_text: "#1d2328", color_highlight: "#0b5394" };

afterEach(() => {
  document.adoptedStyleSheets = [];
});

describe("the EHR's style", () => {
  it("colours ground, text and links together, on the screen and not on paper", () => {
    const made = rules(LIGHT);
    expect(made).toContain("--paper: #fbfbfa;");
    expect(made).toContain("--card: #fbfbfa;");
    expect(made).toContain("--ink: #1d2328;");
    expect(made).toContain("--link: #0b5394;");
    expect(made).toMatch(/^@media screen/);
  });

  it("does not make a screen light that was asked to be dark", () => {
    expect(rules(LIGHT)).toContain("(not (prefers-color-scheme: dark))");
    const dark = rules({ color_background: "#111", color_text: "#eee" });
    expect(dark).toContain("@media screen { :root { color-scheme: dark;");
  });

  it("writes what matters less in a fainter colour only where it can still be read", () => {
    expect(rules(LIGHT)).toContain("--quiet: rgb(");
    expect(rules({ color_background: "#fff", color_text: "#767676" })).toContain("--quiet: #767676;");
  });

  it("uses no colour without the ground that it stands on", () => {
    expect(rules({ color_text: "#1d2328", color_highlight: "#0b5394" })).toBe("");
  });

  it("keeps text between 12 and 24 pixels", () => {
    expect(rules({ dim_font_size: "4px" })).toContain("--size: 12px");
    expect(rules({ dim_font_size: "900px" })).toContain("--size: 24px");
  });

  it("takes nothing that is not a colour, a length or a name of a font", () => {
    const hostile = "red; } body { display: none";
    const named = ["color_background", "color_text", "dim_font_size", "dim_border_radius", "font_family_body"];
    expect(rules(Object.fromEntries(named.map((name) => [name, hostile])))).toBe("");
  });

  it("is worn as one sheet, and an empty one changes nothing", () => {
    wear({});
    expect(document.adoptedStyleSheets.length).toBe(0);
    wear(LIGHT);
    expect(document.adoptedStyleSheets.length).toBe(1);
  });
});
