/** The EHR's look (SMART App Launch, smart_style_url), as the host let it through, becomes rules. */

export type Style = Record<string, string>;

const COLOUR = /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i;
const FONT = /^[a-z0-9 ,'-]{1,200}$/i;
const LENGTH = /^(\d{1,3}(?:\.\d{1,2})?)px$/;
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
    "--paper": ground, "--card": ground, "--ink": text, "--quiet": text, "--link": link,
    "--mark": link, "--device": text, "--lowers": link, "--raises": colour(style, "color_error") ?? text,
    "--line": faint(25), "--track": faint(12), "--band": faint(10),
  };
  const said = Object.entries(made).map(([name, value]) => `${name}: ${value};`);
  const dark = isDark(ground);
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
    size !== null && `@media screen { html { font-size: ${size}px; } }`,
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

function isDark(ground: string): boolean {
  const digits = ground.slice(1);
  const whole = digits.length === 6 ? digits : [...digits].map((each) => each + each).join("");
  const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((at) => parseInt(whole.slice(at, at + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
}
