// Where one is in the latent space. z is the only truth: the pad's handle and the sliders show its coordinates along their directions.
// Everything is rounded to thousandths, so that a link, which holds text, brings back the same pixels.

const REACH = 3; // standard deviations to either side
const PAST = 200; // places one can go back to

const rounded = (value) => Math.round(1000 * value) / 1000;
const within = (value, reach = REACH) => Math.max(-reach, Math.min(reach, value));
const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
const textOf = (z) => Array.from(z, rounded).join("_");

// `make(thing)`, remembered for as long as it is the same thing: several pieces of the page ask for the text of one z at each move.
function remembering(make) {
  let [thing, made] = [null, null];
  return (next) => {
    if (next !== thing) [thing, made] = [next, make(next)];
    return made;
  };
}

// Numbers between 0 and 1, the same for the same seed in every browser (mulberry32).
function sharesOf(seed) {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
}

// How a number of z is drawn from those, by what a run calls its noise: as gan_core/noise.py has it (gaussian: Box and Muller).
const DRAWN = {
  gaussian: (share) => Math.sqrt(-2 * Math.log(share())) * Math.cos(2 * Math.PI * share()),
  uniform: (share) => (2 * share() - 1) * Math.sqrt(3),
};

// The z of a seed, in a run of this noise.
function sownOf(seed, count, noise) {
  const share = sharesOf(seed);
  return Float32Array.from({ length: count }, () => rounded(DRAWN[noise](share)));
}

const normalsOf = (seed, count) => sownOf(seed, count, "gaussian");

// `direction` without what it has of `other`, of length 1; null where nothing is left of it.
function apart(direction, other) {
  if (!direction || !other) return direction;
  const shared = dot(direction, other);
  const rest = Float64Array.from(direction, (value, i) => value - shared * other[i]);
  const length = Math.sqrt(dot(rest, rest));
  return length < 0.02 ? null : rest.map((value) => value / length);
}

// `onMove(settled)`: something has moved; settled where it has come to rest.
function makePlace({ onMove }) {
  let z = new Float32Array(0);
  let origin = { z, seed: 0 };
  let noise = "gaussian"; // of the run
  let psi = 1;
  let label = 0; // the class that is asked for, where the players are told one
  let axes = [null, null]; // directions of the pad, at right angles
  let at = [0, 0];
  let base = z; // z without what it has along the pad's axes: dragging there and back ends where it began, bit for bit
  let held = { direction: null, base: null }; // the same for the slider that was moved last
  let rest = null;
  const past = [];
  const ahead = [];

  const textOfZ = remembering(textOf);
  const textOfBase = remembering(textOf);
  const snap = () => ({ z, psi, origin, label });
  const along = (i, given = at) => given.reduce((sum, value, k) => sum + (axes[k] ? value * axes[k][i] : 0), 0);
  const same = (a, b) => a && b && a.psi === b.psi && a.label === b.label && a.z.length === b.z.length && a.z.every((value, i) => value === b.z[i]);

  function replane() {
    at = axes.map((axis) => (axis ? rounded(dot(z, axis)) : 0));
    base = Float64Array.from(z, (value, i) => value - along(i));
  }

  function put(next) {
    z = Float32Array.from(next, rounded);
    held = { direction: null, base: null };
    replane();
  }

  const placed = (given) => Float32Array.from(base, (value, i) => rounded(value + along(i, given)));

  function settle() {
    if (!same(rest, snap())) {
      if (rest) past.push(rest);
      past.splice(0, past.length - PAST);
      ahead.length = 0;
      rest = snap();
    }
    onMove(true);
  }

  function travel(from, to) {
    if (!from.length) return;
    to.push(rest);
    rest = from.pop();
    ({ psi, origin, label } = rest);
    put(rest.z);
    onMove(true);
  }

  return {
    get z() {
      return z;
    },
    get psi() {
      return psi;
    },
    get label() {
      return label;
    },
    get at() {
      return at;
    },
    get seed() {
      return same({ z, psi }, { z: origin.z, psi }) ? origin.seed : null;
    },
    get canUndo() {
      return past.length > 0;
    },
    get canRedo() {
      return ahead.length > 0;
    },
    get key() {
      return `${psi} ${textOfZ(z)}`;
    },
    // What the map depends on: not on where in the plane one is. Null while a direction has not come.
    planeKey(count) {
      return axes.filter(Boolean).length < count ? null : `${psi} ${axes.map((axis) => axis && textOf(axis.subarray(0, 8))).join()} ${textOfBase(base)}`;
    },
    begin(start, dim) {
      past.length = ahead.length = 0;
      rest = null;
      [psi, label, noise] = [start.psi, start.label, start.noise];
      origin = { z: start.z ? Float32Array.from(start.z, rounded) : sownOf(start.seed, dim, noise), seed: start.z ? null : start.seed };
      put(origin.z);
      rest = snap();
    },
    setAxes(next) {
      axes = next;
      replane();
    },
    axis: (k) => axes[k],
    // z at a place of the pad, without going there.
    placed,
    // What the network is given for z.
    given: (from) => from.map((value) => value * psi),
    goPad(next) {
      at = next.map((value) => rounded(within(value)));
      z = placed(at);
      held = { direction: null, base: null };
      onMove(false);
    },
    // Along one direction until its coordinate is `value`.
    goAlong(direction, value) {
      if (held.direction !== direction) {
        const now = dot(z, direction);
        held = { direction, base: Float64Array.from(z, (number, i) => number - now * direction[i]) };
      }
      const kept = held;
      put(kept.base.map((number, i) => number + value * direction[i]));
      held = kept;
      onMove(false);
    },
    setNumber(index, value) {
      put(z.map((number, i) => (i === index ? value : number)));
      onMove(false);
    },
    setPsi(value) {
      psi = rounded(value);
      onMove(false);
    },
    setLabel(next) {
      label = next;
      settle();
    },
    go(next) {
      put(next);
      settle();
    },
    // To what the network is to be given, as it is, and asked for this class.
    goGiven(next, nextLabel) {
      [psi, label] = [1, nextLabel];
      put(next);
      settle();
    },
    sow(seed) {
      origin = { z: sownOf(seed, z.length, noise), seed };
      put(origin.z);
      settle();
    },
    reset() {
      psi = 1;
      put(origin.z);
      settle();
    },
    settle,
    undo: () => travel(past, ahead),
    redo: () => travel(ahead, past),
  };
}
