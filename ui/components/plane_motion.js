// What the plane shows between two answers. An answer is a look at one moment; `shown` glides from look to look, and where the run is
// slow, a look is played as the parts of a step: 1 to 5 are D's half, 6 and 7 are G's.

const MOVING = ["fakes", "warped", "heat", "verdict", "arrows"];
const SLOW_BELOW = 8; // half-steps a second
const GLIDE_MS = [60, 450]; // least and most for a look at full speed
const D_PARTS = [1, 2, 3, 4, 5];
const G_PARTS = [6, 7];

const smoothly = (share) => share * share * (3 - 2 * share);
const within01 = (value) => Math.max(0, Math.min(1, value));

function changedSince(from, to) {
  if (!from || !to || from.length !== to.length) return Boolean(from) !== Boolean(to);
  for (let i = 0; i < to.length; i++) if (Math.abs(to[i] - from[i]) > 1e-6) return true;
  return false;
}

const PARTS_OF = { critic: D_PARTS, generator: G_PARTS, both: [...D_PARTS, ...G_PARTS] };
const halvesOf = ({ step, half }) => 2 * step + half;

// Which parts lead from one look to the other, by where in the run both are; `played` tells of a step that one player took alone.
function partsBetween(from, to, played) {
  const went = halvesOf(to) - halvesOf(from);
  if (went < 1) return [];
  if (went === 1) return PARTS_OF[to.half ? "critic" : "generator"];
  const alone = went === 2 && played?.step === to.step && !played.half;
  return PARTS_OF[alone ? played.player : "both"];
}

// `onPart(number)` is called when a part of a slow step begins.
function makeMotion({ onPart, isStill }) {
  let shown = null; // a look whose arrays are our own
  let from = null;
  let to = null;
  let began = 0;
  let lasts = 0;
  let parts = []; // of the step that is played; empty at full speed
  let part = 0;
  let share = 0; // of that part
  let waiting = [];
  let pace = null;
  let last = 0;
  let between = 120; // ms from look to look, as a moving mean
  let played = null; // the last step or half, as the run says it

  const slow = () => pace !== null && pace < SLOW_BELOW;
  const copy = (look) => ({ ...look, ...Object.fromEntries(MOVING.map((name) => [name, look[name] && Float32Array.from(look[name])])) });
  const alike = (a, b) => a && a.axis === b.axis && MOVING.every((name) => a[name]?.length === b[name]?.length);

  const partsLast = () => (parts.length * 2000) / (PARTS_OF.both.length * pace);

  function say(next) {
    if (next === part) return;
    part = next;
    onPart(part);
  }

  function land(look) {
    shown = copy(look);
    [from, to, share] = [null, null, 1];
  }

  function begin(look, now) {
    const stages = shown && slow() ? partsBetween(shown, look, played) : [];
    if (!alike(shown, look)) land(look);
    else {
      from = copy(shown);
      [to, began, parts, share] = [look, now, stages, 0];
      lasts = stages.length ? partsLast() : slow() ? 1 : Math.max(GLIDE_MS[0], Math.min(GLIDE_MS[1], between));
      shown = { ...look, ...Object.fromEntries(MOVING.map((name) => [name, shown[name]])) };
      if (isStill() && !stages.length) land(look);
    }
  }

  function blend(name, amount) {
    const [a, b, out] = [from[name], to[name], shown[name]];
    if (!out) return;
    if (amount >= 1) return void out.set(b);
    for (let i = 0; i < out.length; i++) out[i] = a[i] + (b[i] - a[i]) * amount;
  }

  // How far each thing has come. What belongs to D moves in part 5, what belongs to G in part 7.
  function play() {
    const moves = isStill() ? Math.round(share) : smoothly(share);
    const reached = (number) => (!parts.includes(number) || part > number ? 1 : part === number ? moves : 0);
    blend("heat", reached(5));
    for (const name of ["fakes", "warped"]) blend(name, reached(7));
    for (const name of ["verdict", "arrows"]) blend(name, reached(parts.includes(7) ? 7 : 5));
  }

  return {
    take(look, now) {
      if (last) between = 0.7 * between + 0.3 * Math.min(1000, now - last);
      last = now;
      if (!slow() || (!to && !waiting.length)) {
        waiting = [];
        return begin(look, now);
      }
      waiting.push(look);
      if (waiting.length > 2) waiting = [waiting.at(-1)]; // the screen has fallen behind: the newest counts
      return undefined;
    },
    // Moves everything to where it is now; true while it goes on.
    frame(now) {
      if (!to && waiting.length) begin(waiting.shift(), now);
      if (!to) return false;
      const done = within01((now - began) / lasts);
      if (parts.length) {
        const at = Math.min(parts.length - 1, Math.floor(done * parts.length));
        share = done * parts.length - at;
        say(parts[at]);
        play();
      } else for (const name of MOVING) blend(name, done);
      if (done < 1) return true;
      land(to);
      return waiting.length > 0;
    },
    // It comes by another socket than the look it is about, before it or shortly after.
    hear(next) {
      played = next;
      if (!to || !parts.length) return;
      parts = partsBetween(from, to, played);
      lasts = partsLast();
    },
    setPace(next) {
      const was = slow();
      pace = next;
      if (was && !slow()) {
        const newest = waiting.at(-1) ?? to;
        if (newest) land(newest);
        [waiting, parts] = [[], []];
        say(0);
      }
    },
    clear() {
      [shown, from, to, waiting, parts, last, played] = [null, null, null, [], [], 0, null];
      say(0);
    },
    get shown() {
      return shown;
    },
    get next() {
      return to;
    },
    get slow() {
      return slow();
    },
    // The part that is played and how far, 0 outside of slow motion.
    get stage() {
      return { part: parts.length ? part : 0, share, moving: to !== null };
    },
  };
}
