/** The EHR's look (SMART App Launch, smart_style_url), as the host let it through, becomes rules. */

export type Style = Record<string, string>;

const COLOUR = /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i;
const FONT = /^[a-z0-9 ,'-]{1,200}$/i;
const LENGTH = /^(\d{1,3}(?:\.\d{1,2})?)px$/;
/** The least contrast of text. Source: WCAG 2.2, 1.4.3. */
const ENOUGH = 4.5;
/** Text stays readable and the page whole, whatever an EHR says; in pixels. */
const TEXT_SIZE = { from: 12, to: 24 };
const RADIUS = { from: 0, to: 24 };

/** Rules for the screen only: paper is white. Text that is not in the EHR's style stays ours. */
export function rules(style: Style): string {
  return [colours(style), shapes(style)].filter(Boolean).join("\n");
}

/** Add them to the page; the policy forbids style in the markup, not sheets that a script makes. */
export function wear(style: Style): void {
  const text = rules(style);
  if (!text) return;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  document.adoptedStyleSheets = [sheet];
}

/** The host checked each colour for contrast on the ground, so all others are made of these. */
function colours(style: Style): string {
  const [ground, text] = [colour(style, "color_background"), colour(style, "color_text")];
  if (!ground || !text) return "";
  const link = colour(style, "color_highlight") ?? text;
  const faint = (share: number) => `color-mix(in srgb, ${text} ${share}%, ${ground})`;
  const made = {
    "--paper": ground, "--card": ground, "--ink": text, "--quiet": quiet(text, ground), "--link": link,
    "--mark": link, "--device": text, "--lowers": link, "--raises": colour(style, "color_error") ?? text,
    "--line": faint(25), "--track": faint(12), "--band": faint(10),
  };
  const said = Object.entries(made).map(([name, value]) => `${name}: ${value};`);
  const dark = luminance(parts(ground)) < luminance(parts(text));
  // who asked for a dark screen is not given a light one
  const where = dark ? "screen" : "screen and (not (prefers-color-scheme: dark))";
  const scheme = `color-scheme: ${dark ? "dark" : "light"};`;
  return `@media ${where} { :root { ${scheme} ${said.join(" ")} } }`;
}

function shapes(style: Style): string {
  const size = length(style.dim_font_size, TEXT_SIZE);
  const radius = length(style.dim_border_radius, RADIUS);
  const body = font(style.font_family_body);
  const heading = font(style.font_family_heading);
  return [
    size !== null && `@media screen { html { --size: ${size}px; } }`,
    radius !== null && `.card, dialog { border-radius: ${radius}px; }`,
    body && `body { font-family: ${body}; }`,
    heading && `h1, h2, h3 { font-family: ${heading}; }`,
  ]
    .filter(Boolean)
    .join("\n");
}

function colour(style: Style, name: string): string | null {
  const value = style[name] ?? "";
  return COLOUR.test(value) ? value : null;
}

function font(value = ""): string {
  return FONT.test(value) ? value : "";
}

function length(value = "", limit: { from: number; to: number }): number | null {
  const found = LENGTH.exec(value);
  return found ? Math.min(Math.max(Number(found[1]), limit.from), limit.to) : null;
}

/** Less than the text where that can still be read. Source: WCAG 2.2, 1.4.3. */
function quiet(text: string, ground: string): string {
  const [one, other] = [parts(text), parts(ground)];
  const mixed = one.map((part, at) => Math.round(part * 0.75 + (other[at] ?? 0) * 0.25));
  return contrast(mixed, other) >= ENOUGH ? `rgb(${mixed.join(" ")})` : text;
}

function contrast(one: number[], other: number[]): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** Source: WCAG 2.2, relative luminance. */
function luminance(colour: number[]): number {
  const [red = 0, green = 0, blue = 0] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function parts(colour: string): number[] {
  const digits = colour.slice(1);
  const whole = digits.length === 6 ? digits : [...digits].map((each) => each + each).join("");
  return [0, 2, 4].map((at) => parseInt(whole.slice(at, at + 2), 16));
}
