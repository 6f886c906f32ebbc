// Telegram's theme as the tokens of page.css. Its colours need not be legible (its documented example is not), so each
// is mixed with ink, a step at a time, until it has the contrast that WCAG asks for.
const TEXT = 4.5, PART = 3, STEP = 0.1;
const OWN = { // what Telegram's theme has no word for, as in page.css
  light: { turn: "#b0481f", danger: "#b3261e" },
  dark: { turn: "#f09a72", danger: "#ff8a80" },
};

const parse = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
const mix = (one, other, share) => "#" + parse(one).map((part, at) => Math.round(part + (parse(other)[at] - part) * share).toString(16).padStart(2, "0")).join("");

function luminance(colour) {
  const [red, green, blue] = parse(colour).map((part) => (part / 255 <= 0.04045 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

export function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const isLegible = (colour, backs, least) => backs.every((back) => contrast(colour, back) >= least);
const farthest = (back) => (contrast("#000000", back) > contrast("#ffffff", back) ? "#000000" : "#ffffff");

// Mixed with `towards` until it is legible on all `backs`.
function repaired(colour, backs, towards, least = TEXT) {
  for (let share = 0; share < 1; share += STEP) {
    const mixed = mix(colour, towards, share);
    if (isLegible(mixed, backs, least)) return mixed;
  }
  return towards;
}

/** The tokens for a theme; those of page.css where it says nothing of a colour. */
export function tokensOf(given) {
  const theme = Object.fromEntries(Object.entries(given).filter(([, value]) => /^#[0-9a-f]{6}$/i.test(value)).map(([name, value]) => [name, value.toLowerCase()]));
  if (!theme.bg_color) return {};
  const card = theme.section_bg_color ?? theme.bg_color, pole = farthest(card);
  const own = pole === "#ffffff" ? OWN.dark : OWN.light;
  // Both have to bear the same ink: a paper that is on the other side of the middle gives way.
  const wanted = theme.secondary_bg_color ?? theme.bg_color;
  const paper = isLegible(pole, [wanted], TEXT) ? wanted : card;
  const button = theme.button_color ?? theme.link_color ?? theme.text_color ?? pole;
  const soft = mix(card, button, 0.15), mine = mix(card, button, 0.12);
  const ink = repaired(theme.text_color ?? pole, [paper, card, mine, soft], pole);
  const brand = repaired(button, [paper, card], ink);
  // The words of a button as Telegram has them, if darkening the button helps; else what is farthest from it.
  const words = theme.button_text_color ?? farthest(brand);
  const filled = repaired(brand, [words, paper, card], ink);
  const isKept = isLegible(words, [filled], TEXT);
  const danger = theme.destructive_text_color ?? own.danger, dangerSoft = mix(card, danger, 0.1);
  const turn = repaired(own.turn, [paper, card], ink);
  const main = isKept ? filled : brand;
  return {
    paper, card, ink, mine, soft,
    quiet: repaired(theme.subtitle_text_color ?? theme.hint_color ?? mix(ink, card, 0.4), [paper, card, mine], ink),
    brand: main,
    "on-brand": isKept ? words : farthest(main),
    "on-soft": repaired(main, [soft, card, paper], ink),
    link: repaired(theme.link_color ?? main, [paper, card, mine], ink),
    edge: repaired(mix(card, ink, 0.4), [paper, card], ink, PART),
    line: theme.section_separator_color ?? mix(card, ink, 0.15),
    focus: repaired(mix(main, ink, 0.3), [paper, card], ink, PART),
    danger: repaired(danger, [paper, card, dangerSoft], ink),
    "danger-soft": dangerSoft,
    turn, "on-turn": farthest(turn),
    scheme: pole === "#ffffff" ? "dark" : "light",
  };
}

export function useTheme(theme) {
  const { scheme, ...tokens } = tokensOf(theme), { style } = document.documentElement;
  if (!scheme) return null;
  style.colorScheme = scheme;
  for (const [name, colour] of Object.entries(tokens)) style.setProperty(`--${name}`, colour);
  return tokens;
}
