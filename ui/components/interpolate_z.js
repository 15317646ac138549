// A key frame is a short text: s12 is the z of seed 12, i12 the thirteenth sample, z… carries its numbers in thousandths (base64).
// Behind a dot may stand what class it is asked to be (interpolate_class.js).
// From texts to numbers and back, and the points between them. Needs explore_place.js for the numbers of a seed.

const THOUSANDTHS = 1000;
const NUMBERS = /-?\d+(?:\.\d+)?(?:e-?\d+)?/gi;

function keyOfZ(z) {
  const bytes = new Uint8Array(2 * z.length);
  const view = new DataView(bytes.buffer);
  z.forEach((value, i) => view.setInt16(2 * i, Math.max(-32768, Math.min(32767, Math.round(value * THOUSANDTHS))), true));
  return `z${btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

const bytesOf = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

function zOfKey(key, { dim, shown, noise }) {
  const rest = key.slice(1).split(".")[0];
  if (key[0] === "s") return sownOf(Number(rest), dim, noise);
  if (key[0] === "i") return shown.subarray(Number(rest) * dim, (Number(rest) + 1) * dim);
  const view = new DataView(bytesOf(rest.replaceAll("-", "+").replaceAll("_", "/")).buffer);
  return Float32Array.from({ length: view.byteLength / 2 }, (_, i) => view.getInt16(2 * i, true) / THOUSANDTHS);
}

// The key in what somebody has pasted: a link of the Explore page (z or a seed, psi, which shortens it, and the class), or the numbers
// of a z; null where there is none of this length.
function pastedKey(text, { dim, noise }, kinds) {
  const link = /^https?:/.test(text.trim()) ? new URL(text.trim()).searchParams : null;
  const psi = Number(link?.get("psi") ?? 1);
  const label = Number(link?.get("class") ?? 0);
  const of = (key) => kinds.put(key, [[label in kinds.names ? label : 0, 1]]);
  const numbers = (link?.get("z") ?? (link ? "" : text)).match(NUMBERS) ?? [];
  if (numbers.length === dim) return of(keyOfZ(numbers.map((number) => psi * Number(number))));
  const seed = link && !link.has("z") ? (link.get("seed") ?? "0") : "";
  if (!/^\d{1,6}$/.test(seed)) return null;
  return of(psi === 1 ? `s${Number(seed)}` : keyOfZ(sownOf(Number(seed), dim, noise).map((number) => psi * number)));
}

const movedKeys = (keys, from, to) => keys.toSpliced(from, 1).toSpliced(to, 0, keys[from]);

function shuffledKeys(keys) {
  const shuffled = [...keys];
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [shuffled[i], shuffled[j]] = [shuffled[j], shuffled[i]];
  }
  return shuffled;
}

const lengthOf = (z) => Math.sqrt(dot(z, z));

const lerpZ = (a, b, t) => Float32Array.from(a, (value, i) => value + (b[i] - value) * t);

// As gan_core/latent.py does it; what lies on one line goes straight.
function slerpZ(a, b, t) {
  const [longA, longB] = [lengthOf(a), lengthOf(b)];
  const cosine = Math.max(-1, Math.min(1, dot(a, b) / (longA * longB || 1)));
  const angle = Math.acos(cosine);
  const sine = Math.sin(angle);
  if (sine < 1e-4) return lerpZ(a, b, t);
  const long = longA + (longB - longA) * t;
  const [shareA, shareB] = [Math.sin((1 - t) * angle) / sine / longA, Math.sin(t * angle) / sine / longB];
  return Float32Array.from(a, (value, i) => long * (shareA * value + shareB * b[i]));
}

const MIXES = { slerp: slerpZ, lerp: lerpZ };

// size by size points between four: rows from top to bottom, each from left to right.
function cornersOf([a, b, c, d], size, mix) {
  const between = MIXES[mix];
  const rows = [];
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const [across, down] = [column / (size - 1), row / (size - 1)];
      rows.push(between(between(a, b, across), between(c, d, across), down));
    }
  }
  return rows;
}

// How much of each corner is in the cells of such a sheet.
const cornerShares = (size) =>
  range(size * size).map((i) => {
    const [across, down] = [(i % size) / (size - 1), Math.floor(i / size) / (size - 1)];
    return [(1 - across) * (1 - down), across * (1 - down), (1 - across) * down, across * down];
  });

// A − B + C, brought to a length where one is given.
function sumOf(a, b, c, length = null) {
  const sum = Float32Array.from(a, (value, i) => value - b[i] + c[i]);
  const own = lengthOf(sum);
  return length && own ? sum.map((value) => (value * length) / own) : sum;
}

function stackedZ(rows) {
  const all = new Float32Array(rows.length * (rows[0]?.length ?? 0));
  rows.forEach((row, i) => all.set(row, i * row.length));
  return { z: all, shape: [rows.length, rows[0]?.length ?? 0] };
}

// One of some pictures {shape, values}, as pictures of one.
function pictureOf({ shape: [, ...size], values }, index) {
  const count = size.reduce((a, b) => a * b, 1);
  return { shape: [1, ...size], values: values.subarray(index * count, (index + 1) * count) };
}

// The place of a list where an arrow key leads to; null for other keys.
function steered(key, index, { count, across }) {
  const last = count - 1;
  const next = { ArrowLeft: index - 1, ArrowRight: index + 1, ArrowUp: index - across, ArrowDown: index + across, Home: 0, End: last }[key];
  return next === undefined ? null : Math.max(0, Math.min(last, next));
}
