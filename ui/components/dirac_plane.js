// Painting the GAN of two numbers: a plane with its field and a path, and the distance from the goal over the steps.

const FRESH = 40; // so many of the last steps are drawn in full strength
const RADII_TALL = 0.42;
const SUPERSCRIPTS = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

const powerOfTen = (power) =>
  Math.abs(power) < 3 ? String(10 ** power) : `10${[...String(power)].map((sign) => SUPERSCRIPTS[sign]).join("")}`;

function drawArrow(pen, [x, y], [dx, dy], head) {
  const length = Math.hypot(dx, dy);
  if (length < 0.5) return;
  const [ux, uy] = [dx / length, dy / length];
  pen.moveTo(x - dx / 2, y - dy / 2);
  pen.lineTo(x + dx / 2, y + dy / 2);
  for (const side of [1, -1]) {
    pen.moveTo(x + dx / 2, y + dy / 2);
    pen.lineTo(x + dx / 2 - head * (ux + 0.6 * side * uy), y + dy / 2 - head * (uy - 0.6 * side * ux));
  }
}

// The still part: lines at whole numbers, the two axes in their players' colours, the field. Long arrows are shortened, not cut.
function paintField(pen, side, { arrows, reach, colours, family }) {
  const scale = side / (2 * reach);
  const thin = Math.max(1, side / 400);
  const line = (colour, width, from, to) => {
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.beginPath();
    pen.moveTo(...from);
    pen.lineTo(...to);
    pen.stroke();
  };
  for (let whole = 1 - Math.ceil(reach); whole < reach; whole++) {
    const at = side / 2 + whole * scale;
    line(colours.grid, thin, [at, 0], [at, side]);
    line(colours.grid, thin, [0, at], [side, at]);
  }
  line(colours.generator, 1.5 * thin, [0, side / 2], [side, side / 2]);
  line(colours.critic, 1.5 * thin, [side / 2, 0], [side / 2, side]);
  const count = Math.sqrt(arrows.length / 2);
  const cell = side / (count - 1);
  let longest = 1e-12;
  for (let i = 0; i < arrows.length; i += 2) longest = Math.max(longest, Math.hypot(arrows[i], arrows[i + 1]));
  pen.strokeStyle = colours.neutral;
  pen.globalAlpha = 0.75;
  pen.lineWidth = thin;
  pen.beginPath();
  for (let i = 0; i < arrows.length; i += 2) {
    const strength = Math.hypot(arrows[i], arrows[i + 1]);
    const size = (0.8 * cell * Math.sqrt(strength / longest)) / (strength || 1);
    const [column, row] = [(i / 2) % count, Math.floor(i / 2 / count)];
    drawArrow(pen, [column * cell, side - row * cell], [arrows[i] * size, -arrows[i + 1] * size], 0.2 * cell);
  }
  pen.stroke();
  pen.globalAlpha = 1;
  pen.font = `600 ${Math.round(11 * thin + 4)}px ${family}`;
  pen.lineWidth = 4 * thin;
  pen.strokeStyle = colours.background;
  for (const [name, colour, x, y] of [["θ", colours.generator, side - 16 * thin, side / 2 - 8 * thin], ["ψ", colours.critic, side / 2 + 8 * thin, 18 * thin]]) {
    pen.strokeText(name, x, y);
    pen.fillStyle = colour;
    pen.fillText(name, x, y);
  }
}

function paintPath(pen, side, { path, step, reach, colours, start }) {
  const scale = side / (2 * reach);
  const thin = Math.max(1, side / 400);
  const far = 50 * side; // a number a canvas can still draw
  const at = (k) => [path[2 * k] * scale, -path[2 * k + 1] * scale].map((value) => side / 2 + Math.max(-far, Math.min(far, value)));
  const stretch = (from, to, alpha) => {
    pen.globalAlpha = alpha;
    pen.beginPath();
    pen.moveTo(...at(from));
    for (let k = from + 1; k <= to; k++) pen.lineTo(...at(k));
    pen.stroke();
  };
  pen.strokeStyle = colours.primary;
  pen.lineJoin = "round";
  pen.lineWidth = 2 * thin;
  const fresh = Math.max(0, step - FRESH);
  stretch(0, fresh, 0.45);
  pen.lineWidth = 2.6 * thin;
  stretch(fresh, step, 1);
  const ring = ([x, y], radius, fill, stroke) => {
    pen.beginPath();
    pen.arc(x, y, radius * thin, 0, 7);
    pen.fillStyle = fill;
    pen.fill();
    pen.strokeStyle = stroke;
    pen.lineWidth = 2 * thin;
    pen.stroke();
  };
  ring([side / 2, side / 2], 3, colours.background, colours.real);
  const [theta, psi] = start;
  ring([side / 2 + theta * scale, side / 2 - psi * scale], 4, colours.background, colours.text);
  ring(at(step), 5.5, colours.primary, colours.background);
}

// The distance over all steps, faint, and as far as it has come, in full; one scale for all portraits.
function paintRadii(canvas, { radii, step, span, colours, family }) {
  const fitted = fitCanvas(canvas, RADII_TALL);
  if (!fitted) return;
  const { pen, side } = fitted;
  const thin = Math.max(1, side / 400);
  const tall = canvas.height;
  const [left, air] = [44 * thin, 8 * thin];
  const [low, high] = span;
  const x = (k) => left + (k / (radii.length - 1)) * (side - left - air);
  const y = (radius) => air + ((high - Math.log10(Math.max(radius, 10 ** low))) / (high - low)) * (tall - 2 * air);
  pen.font = `${Math.round(11 * thin + 2)}px ${family}`;
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  const stride = Math.max(1, Math.ceil((high - low) / 4));
  for (let power = Math.ceil(low / stride) * stride; power <= high; power += stride) {
    pen.fillStyle = colours.grid;
    pen.fillRect(left, Math.round(y(10 ** power)), side - left - air, thin);
    pen.fillStyle = colours.muted;
    pen.fillText(powerOfTen(power), left - 6 * thin, y(10 ** power));
  }
  const stretch = (to, alpha) => {
    pen.globalAlpha = alpha;
    pen.beginPath();
    for (let k = 0; k <= to; k++) pen.lineTo(x(k), y(radii[k]));
    pen.stroke();
  };
  pen.strokeStyle = colours.primary;
  pen.lineWidth = 2 * thin;
  stretch(radii.length - 1, 0.3);
  stretch(step, 1);
  pen.fillStyle = colours.primary;
  pen.beginPath();
  pen.arc(x(step), y(radii[step]), 4 * thin, 0, 7);
  pen.fill();
}

// Whole powers of ten that hold all distances; what is smaller than a millionth of the goal's neighbourhood is the goal.
function spanOf(portraits) {
  let [low, high] = [Infinity, -Infinity];
  for (const { radii } of portraits) {
    for (const radius of radii) {
      low = Math.min(low, radius);
      high = Math.max(high, radius);
    }
  }
  const span = [Math.floor(Math.log10(Math.max(low, 1e-8))), Math.ceil(Math.log10(Math.max(high, 1e-7)))];
  return span[0] === span[1] ? [span[0] - 1, span[1]] : span;
}
