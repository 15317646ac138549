// The kept moments of a run: which there are, and their pictures, fetched from where the reader looks outward.
// Files stay packed (PNG); of those near the slider there are bitmaps, ready to be drawn within the frame that asks for them.

const SHELF_BYTES = 64 * 2 ** 20;
const STRIP_STEPS = [8, 32]; // moments in the first strip, which somebody waits for, and in those that follow
const READY = 16; // moments on either side of the slider that are kept unpacked

// Things by key, the ones not used for longest given up where there is no more room.
function makeShelf(room, giveUp) {
  const kept = new Map();
  let used = 0;
  function drop(key) {
    const item = kept.get(key);
    if (!item) return;
    used -= item.bytes;
    kept.delete(key);
    giveUp?.(item);
  }
  return {
    get(key) {
      const item = kept.get(key);
      if (item) kept.delete(key), kept.set(key, item);
      return item;
    },
    peek: (key) => kept.get(key),
    has: (key) => kept.has(key),
    put(key, item) {
      drop(key);
      kept.set(key, item);
      used += item.bytes;
      for (const oldest of kept.keys()) if (used > room && kept.size > 8) drop(oldest);
        else break;
    },
    dropAll: (start) => [...kept.keys()].filter((key) => key.startsWith(start)).forEach(drop),
    get full() {
      return used > 0.9 * room;
    },
  };
}

function decodeStrip(buffer) {
  const size = new DataView(buffer).getUint32(0, true);
  const { moments } = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, size)));
  return moments.map(({ picture: { dtype, shape, offset }, ...place }) => {
    const values = new DTYPES[dtype](buffer, 4 + size + offset, shape.reduce((a, b) => a * b, 1)).slice();
    if (dtype !== "uint8") return { ...place, points: { shape, values }, bytes: values.byteLength };
    return { ...place, file: new Blob([values], { type: "image/png" }), bytes: values.byteLength };
  });
}

// What a socket brings raw, as the sheet that a file would be: eight tiles a row.
function rawSheet({ shape: [count, height, width, channels], values }) {
  const pixels = new ImageData(width * ACROSS, height * Math.ceil(count / ACROSS));
  const out = new Uint32Array(pixels.data.buffer);
  const [green, blue] = channels === 3 ? [1, 2] : [0, 0];
  for (let tile = 0, from = 0; tile < count; tile++) {
    const corner = Math.floor(tile / ACROSS) * height * pixels.width + (tile % ACROSS) * width;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++, from += channels) {
        out[corner + y * pixels.width + x] = 0xff000000 | (values[from + blue] << 16) | (values[from + green] << 8) | values[from];
      }
    }
  }
  return pixels;
}

function makeMoments({ id, files, bitmaps, onChange }) {
  const keyOf = (weights, step) => `${id} ${weights} ${step}`;
  let steps = [];
  let address = null; // {url, token}
  let aim = { weights: "averaged", index: 0 };
  let busy = false;
  let stuck = false; // the server did not answer: try again when there is a new ticket or a new moment
  let dead = false;
  const unpacking = new Set();

  function path(name, query) {
    const target = new URL(address.url, document.baseURI);
    const here = new URL(`${target.pathname}/${name}`, target);
    for (const [key, value] of Object.entries({ ...query, ticket: address.token })) here.searchParams.set(key, value);
    return here;
  }

  async function ask(name, query) {
    try {
      const answer = await fetch(path(name, query));
      stuck = !answer.ok;
      return answer.ok && !dead ? answer : null;
    } catch {
      stuck = true; // the server went away; the socket says so
      return null;
    }
  }

  async function list() {
    const answer = await ask("moments", {});
    const { samples } = (await answer?.json()) ?? {};
    if (!samples || dead) return;
    const newest = steps.filter((step) => step > (samples[samples.length - 1] ?? -1));
    steps = [...samples, ...newest];
    onChange();
    fill();
  }

  // Of what a socket brought there is no file: once its bitmap is given up, it has to be fetched like the others.
  function has(key) {
    const moment = files.peek(key);
    return moment && (moment.file || moment.points || bitmaps.has(key));
  }

  const missing = () => {
    const near = (index) => Math.abs(index - aim.index);
    const open = steps.map((step, index) => [step, index]).filter(([step]) => !has(keyOf(aim.weights, step)));
    const wanted = files.full ? open.filter(([, index]) => near(index) <= READY) : open;
    return wanted.sort(([, a], [, b]) => near(a) - near(b)).map(([step]) => step);
  };

  // One strip after the other, each with the moments that are then nearest to the slider.
  async function fill() {
    if (busy || dead || !address) return;
    busy = true;
    for (let size = STRIP_STEPS[0]; !stuck && !dead; size = STRIP_STEPS[1]) {
      const weights = aim.weights;
      const wanted = missing().slice(0, size);
      if (!wanted.length) break;
      const answer = await ask("strip", { weights, steps: wanted.join() });
      const found = answer ? decodeStrip(await answer.arrayBuffer()) : [];
      if (dead) break;
      for (const moment of found) files.put(keyOf(weights, moment.step), moment);
      const there = new Set(found.map(({ step }) => step));
      if (answer) steps = steps.filter((step) => there.has(step) || !wanted.includes(step)); // the rest was thinned away
      unpackNear();
      onChange();
    }
    busy = false;
  }

  async function unpack(key) {
    const moment = files.get(key);
    if (!moment?.file || bitmaps.has(key) || unpacking.has(key)) return;
    unpacking.add(key);
    const bitmap = await createImageBitmap(moment.file);
    unpacking.delete(key);
    if (dead) return bitmap.close();
    bitmaps.put(key, { bitmap, bytes: 4 * bitmap.width * bitmap.height });
    onChange();
  }

  // From far to near, so that the nearest are the last ones to be given up.
  function unpackNear() {
    for (let away = READY; away >= 0; away--) {
      for (const index of new Set([aim.index - away, aim.index + away])) {
        if (index >= 0 && index < steps.length) unpack(keyOf(aim.weights, steps[index]));
      }
    }
  }

  function ready(weights, step) {
    const key = keyOf(weights, step);
    const moment = files.get(key);
    if (moment?.points) return { ...moment, key };
    const bitmap = moment && bitmaps.get(key)?.bitmap;
    return bitmap ? { ...moment, bitmap, key } : null;
  }

  return {
    get steps() {
      return steps;
    },
    aimAt(next) {
      const fresh = address?.url !== next.url;
      if (!fresh && address.token === next.token) return;
      address = next;
      stuck = false;
      if (fresh) {
        bitmaps.dropAll(`${id} `);
        files.dropAll(`${id} `);
        steps = [];
        list();
      } else fill();
    },
    // The moment that is ready and nearest to the one asked for; whatever is missing comes.
    look(weights, index) {
      if (weights !== aim.weights || index !== aim.index) {
        aim = { weights, index };
        unpackNear();
      }
      fill();
      for (let away = 0; away < steps.length; away++) {
        for (const near of [index - away, index + away]) {
          const found = near >= 0 && near < steps.length && ready(weights, steps[near]);
          if (found) return found;
        }
      }
      return null;
    },
    // What a run at work has just drawn is a moment like the others, and needs no fetching.
    async take(samples) {
      const { step, epoch, images, elapsed_s, living, averaged, verdicts } = samples;
      stuck = false;
      for (const [weights, picture] of Object.entries({ living, averaged })) {
        const moment = { step, epoch, images, elapsed_s, verdict: verdicts[weights], bytes: picture.values.byteLength };
        const key = keyOf(weights, step);
        if (picture.shape.length === 2) files.put(key, { ...moment, points: picture });
        else {
          const bitmap = await createImageBitmap(rawSheet(picture));
          if (dead) return bitmap.close();
          files.put(key, { ...moment, file: null, bytes: 256 });
          bitmaps.put(key, { bitmap, bytes: 4 * bitmap.width * bitmap.height });
        }
      }
      if (!steps.includes(step)) steps = [...steps, step].sort((a, b) => a - b);
      if (steps.length > 320) list(); // the server has thinned its own long ago
      onChange();
    },
    destroy() {
      dead = true;
      bitmaps.dropAll(`${id} `);
      files.dropAll(`${id} `);
    },
  };
}
