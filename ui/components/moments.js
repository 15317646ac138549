// The kept moments of a run: which there are, and their pictures, fetched around the place one looks at before one gets there.

const STRIP = 16; // moments in one request: small enough that the next one asked for never waits long
const NEAR = 24; // moments around the one looked at that are kept whatever room they take
const AROUND = 6; // moments on either side that are decoded beforehand
const KNOWN = 600; // moments whose place and verdicts are remembered
const PACKED_ROOM = 24e6; // bytes of PNG, and of decoded pictures: together under 64 MB
const DECODED_ROOM = 36e6;

function makeMoments({ onList, onLoad, onExpired }) {
  let address = null;
  let life = 0; // grows when the run changes: answers to older questions are dropped
  let steps = [];
  let forks = [0]; // steps one can fork from; the beginning needs no checkpoint
  let kept = new Map(); // "weights step" -> { step, weights, size, points | blob, bitmap, decoding }
  let decoded = new Map(); // the same keys, least lately shown first
  let facts = new Map(); // step -> { place, living, averaged }: verdicts, as far as they are known
  let gone = new Set(); // asked for, and not there any more
  let focus = { index: 0, weights: "averaged", ahead: false };
  let awake = false; // somebody has reached for the timeline
  let listing = false;
  let fetching = false;
  let rushing = false;

  const key = (step, weights) => `${weights} ${step}`;
  const total = (map, size) => [...map.values()].reduce((sum, item) => sum + size(item), 0);

  async function ask(what, params = {}) {
    const target = new URL(address.url, document.baseURI);
    target.protocol = target.protocol.replace("ws", "http");
    target.pathname += `/${what}`;
    target.search = new URLSearchParams({ ticket: address.token, ...params });
    const answer = await fetch(target);
    if (answer.status === 403) onExpired();
    if (!answer.ok) throw new Error(`${what}: ${answer.status}`);
    return answer;
  }

  async function refresh() {
    if (listing || !address) return;
    listing = true;
    const asked = life;
    try {
      const list = await (await ask("moments")).json();
      if (asked !== life) return;
      steps = list.samples;
      forks = [...new Set([0, ...list.checkpoints])];
      gone = new Set();
      const there = new Set(steps);
      for (const [name, { step }] of kept) if (!there.has(step)) drop(name);
      for (const step of facts.keys()) if (!there.has(step) && step < steps[steps.length - 1]) facts.delete(step);
      onList();
      fill();
    } catch {
      // The server is away or the run is gone: the socket says so, and the next time is soon.
    } finally {
      listing = false;
    }
  }

  function drop(name) {
    decoded.get(name)?.bitmap.close();
    decoded.delete(name);
    kept.delete(name);
  }

  const missing = (step, weights) => !gone.has(step) && !kept.has(key(step, weights));
  const rank = (index) => (focus.ahead && index < focus.index ? 1000 : 0) + Math.abs(index - focus.index);

  // The moments that are to be fetched next, nearest first.
  function next() {
    const wanted = steps.map((step, index) => ({ step, rank: rank(index) })).filter(({ step }) => missing(step, focus.weights));
    wanted.sort((a, b) => a.rank - b.rank);
    const room = total(kept, ({ size }) => size) < PACKED_ROOM;
    return wanted.slice(0, STRIP).filter((moment) => room || moment.rank <= NEAR);
  }

  async function fetchStrip(wanted, weights) {
    const asked = life;
    const answer = await ask("strip", { weights, steps: wanted.join(",") });
    const { moments } = decodeFrame(await answer.arrayBuffer());
    if (asked !== life) return;
    const found = new Set(moments.map((moment) => moment.step));
    wanted.filter((step) => !found.has(step)).forEach((step) => gone.add(step));
    for (const { verdict, picture, ...place } of moments) keep(place, weights, { verdict, picture });
    makeRoom();
    onLoad(weights, found);
  }

  function keep(place, weights, { verdict, picture }) {
    const { step } = place;
    facts.set(step, { ...facts.get(step), place, [weights]: verdict });
    const isPlane = picture.shape.length === 2;
    const what = isPlane ? { points: picture } : { blob: new Blob([picture.values], { type: "image/png" }) };
    kept.set(key(step, weights), { step, weights, size: picture.values.byteLength, ...what });
  }

  // What is farthest from where one looks goes first.
  function makeRoom() {
    if (total(kept, ({ size }) => size) < PACKED_ROOM) return;
    const distance = ({ step, weights }) => (weights === focus.weights ? rank(steps.indexOf(step)) : 2000);
    const far = [...kept].map(([name, item]) => [distance(item), name]).sort((a, b) => b[0] - a[0]);
    for (const [away, name] of far) {
      if (away <= NEAR || total(kept, ({ size }) => size) < PACKED_ROOM) return;
      drop(name);
    }
  }

  async function fill() {
    if (fetching || !awake) return;
    fetching = true;
    try {
      for (let wanted = next(); wanted.length && awake; wanted = next()) await fetchStrip(wanted.map(({ step }) => step), focus.weights);
    } catch {
      // As above; the next look begins anew.
    } finally {
      fetching = false;
    }
  }

  // The moment that is looked at has not come yet, and something else is being fetched: ask for it beside that.
  async function rush(step, weights) {
    if (rushing || !missing(step, weights)) return;
    rushing = true;
    const index = steps.indexOf(step);
    const wanted = steps.slice(Math.max(0, index - 1), index + 2).filter((other) => missing(other, weights));
    try {
      if (wanted.length) await fetchStrip(wanted, weights);
    } catch {
      // As above.
    } finally {
      rushing = false;
    }
  }

  function decode(name) {
    const item = kept.get(name);
    if (!item?.blob || item.decoding || decoded.has(name)) return;
    const asked = life;
    const exact = { colorSpaceConversion: "none", premultiplyAlpha: "none" };
    item.decoding = createImageBitmap(item.blob, exact).then(
      (bitmap) => {
        item.decoding = null;
        if (asked !== life || kept.get(name) !== item) return bitmap.close();
        decoded.set(name, { bitmap, size: 4 * bitmap.width * bitmap.height });
        while (decoded.size > 2 * AROUND + 2 && total(decoded, ({ size }) => size) > DECODED_ROOM) {
          const [oldest, { bitmap: old }] = decoded.entries().next().value;
          old.close();
          decoded.delete(oldest);
        }
        onLoad(item.weights, new Set([item.step]));
      },
      () => gone.add(item.step), // a power cut can leave half a PNG
    );
  }

  // A picture as it can be drawn: a bitmap, or points; null while it is on its way.
  function picture(step, weights) {
    const name = key(step, weights);
    const item = kept.get(name);
    if (item?.points) return item.points;
    const ready = decoded.get(name);
    if (ready) {
      decoded.delete(name);
      decoded.set(name, ready);
      return ready.bitmap;
    }
    decode(name);
    return null;
  }

  function look(step, weights, ahead = false) {
    awake = true;
    focus = { index: step === null ? steps.length : indexOf(step), weights, ahead };
    if (step === null) return fill();
    for (let index = focus.index - (ahead ? 0 : AROUND); index <= focus.index + AROUND; index++) decode(key(steps[index], weights));
    if (fetching) rush(step, weights);
    fill();
  }

  // Where a step stands among the moments; one that was thinned away stands where the next one is.
  function indexOf(step) {
    const index = steps.findIndex((other) => other >= step);
    return index < 0 ? steps.length - 1 : index;
  }

  return {
    refresh,
    picture,
    look,
    indexOf,
    aim: (next) => (address = next),
    // Live samples become moments; their verdicts are known already. On a hidden page nobody tidies up, so there is an end to them.
    note({ step, epoch, images, elapsed_s, verdicts }) {
      facts.set(step, { place: { step, epoch, images, elapsed_s }, ...verdicts });
      if (facts.size > KNOWN) facts.delete(facts.keys().next().value);
    },
    facts: (step) => facts.get(step),
    verdicts: (weights, tile) =>
      [...facts].filter(([, known]) => known[weights]?.[tile] != null).map(([step, known]) => [step, known[weights][tile]]).sort((a, b) => a[0] - b[0]),
    forkOf: (step) => forks.reduce((best, other) => (Math.abs(other - step) < Math.abs(best - step) ? other : best), 0),
    get steps() {
      return steps;
    },
    get forks() {
      return forks;
    },
    get lost() {
      return gone;
    },
    clear() {
      life += 1;
      for (const name of [...kept.keys()]) drop(name);
      [steps, forks, gone, facts, awake] = [[], [0], new Set(), new Map(), false];
      onList();
    },
  };
}
