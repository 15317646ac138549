// Colours of D's verdict: from the fakes' to the reals', through the page's own. Also how far a game's axis reaches.

const SHADES = 256;
const HALVES = { light: 0.62, dark: 0.6 }; // how much of the players' colours the ends of the map have

const channelsOf = (hex) => [1, 3, 5].map((from) => Number.parseInt(hex.slice(from, from + 2), 16));
const mixed = (a, b, share) => a.map((value, i) => Math.round(value + (b[i] - value) * share));
const cssOf = (channels) => `rgb(${channels.join(" ")})`;

function makeShades(colours, mode) {
  const [paper, real, fake, grey] = [colours.background, colours.real, colours.fake, colours.neutral].map(channelsOf);
  const of = (share, ground, most) => mixed(ground, share < 0 ? fake : real, Math.abs(share) * most);
  const shares = Array.from({ length: SHADES }, (_, i) => (2 * i) / (SHADES - 1) - 1);
  const heat = Uint32Array.from(shares, (share) => {
    const [r, g, b] = of(share, paper, HALVES[mode]);
    return (0xff000000 | (b << 16) | (g << 8) | r) >>> 0;
  });
  const ends = [-1, 0, 1].map((share) => cssOf(of(share, paper, HALVES[mode])));
  return { heat, ends, dot: (share) => cssOf(of(share, grey, 1)) };
}

// How a verdict is placed on the scale, from -1 (surely fake) to 1 (surely real). A probability has its limits; a score reaches as far
// as D's map does, which changes slowly, so that the colours do not jump; of a margin, less is more real.
function makeScale() {
  let [middle, reach, sign, fixed, level] = [0.5, 0.5, 1, true, 0.5];

  function hear(heat) {
    if (fixed || !heat) return;
    const sorted = Float32Array.from(heat).sort();
    const [low, high] = [sorted[Math.floor(0.03 * sorted.length)], sorted[Math.floor(0.97 * sorted.length)]];
    const centre = level ?? (low + high) / 2;
    const far = Math.max(Math.abs(high - centre), Math.abs(low - centre), 1e-3);
    const share = reach === null ? 1 : 0.15;
    middle = reach === null || level !== null ? centre : middle + share * (centre - middle);
    reach = (reach ?? far) + share * (far - (reach ?? far));
  }

  return {
    hear,
    set({ axis, verdict }) {
      sign = axis === "margin" ? -1 : 1;
      fixed = Boolean(verdict.range);
      level = verdict.equilibrium ?? null;
      [middle, reach] = fixed ? [(verdict.range[0] + verdict.range[1]) / 2, (verdict.range[1] - verdict.range[0]) / 2] : [0, null];
    },
    of: (value) => Math.max(-1, Math.min(1, (sign * (value - middle)) / (reach || 1))),
    // Values at the fakes' end and at the reals'.
    get ends() {
      return [middle - sign * (reach ?? 1), middle + sign * (reach ?? 1)];
    },
    get level() {
      return level;
    },
  };
}
