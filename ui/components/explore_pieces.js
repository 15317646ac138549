// Every picture of the page as an ask: what it depends on, how often it may be asked for, and where its answer goes.

const THUMBS = { fresh: 1500 }; // thumbnails follow a learning network more calmly than the image does
const JUDGE_MS = 250; // between two verdicts under a moving hand
const SLOW_MS = 50; // until an answer: beside many hands the next ones are asked for with the verdict, one question being less than two

function makeExploreAsks({ place, classes, rail, wall, critic, near, time, latent, pieces, sight, look, isTime, paint }) {
  const plane = planeOf(place);
  const rows = new Map(); // in the time map: lane -> pictures of its row
  const takers = {};
  let slow = 0; // pictures to come that are asked for with their verdict

  const lookKey = () => Object.values(look()).join();
  const planeKey = () => (isTime() ? place.planeKey(1) && `${time.rows().join()} ${place.planeKey(1)}` : place.planeKey(2));
  const here = () => place.given(place.z);
  const shown = (panel) => panel.dataset.open === "true" && sight.sees(panel);
  const draw = (lane, [z, shape], facts = {}, note = null) => latent.ask(lane, { ask: "draw", verdict: false, ...look(), ...facts }, z, shape, note);
  const halves = ({ shape: [count, ...rest], values }) => [0, 1].map((half) => ({ shape: [count / 2, ...rest], values: values.subarray((half * values.length) / 2, ((half + 1) * values.length) / 2) }));

  // D's verdict on the picture that was shown last: it comes behind the picture, which would wait for D as long as for G.
  const judge = makeCalm(() => {
    const { asked } = paint.image;
    if (asked) latent.ask("pad-verdict", { ...asked.header, verdict: true }, asked.z, undefined, asked.id);
  }, JUDGE_MS);

  function add(name, { send, take, ...facts }) {
    pieces.add(name, { key: () => `${lookKey()} ${place.key}`, send, ...facts });
    takers[name] = take;
  }

  add("pad", {
    wanted: () => !document.hidden,
    send: () => latent.ask("pad", { ask: "draw", verdict: slow > 0, ...look() }, here(), undefined, performance.now()),
    take(got, asked) {
      if (got.lane !== "pad") return paint.image.judged(got, asked.note);
      slow = performance.now() - asked.note > SLOW_MS ? CROWDED : Math.max(0, slow - 1);
      paint.image.take(got, asked);
      return asked.header.verdict ? paint.image.judged(got, asked.id) : judge();
    },
  });

  add("map", {
    ...THUMBS,
    calm: 140,
    wanted: () => sight.sees(paint.map.canvas),
    key: () => planeKey() && `${isTime() ? look().labels : lookKey()} ${planeKey()}`,
    send() {
      if (!isTime()) return draw("map", plane.map());
      rows.clear();
      return time.rows().forEach((at, row) => draw(`map-${row}`, plane.row(0), { at }));
    },
    take({ pictures, lane }) {
      if (lane === "map") return isTime() ? undefined : paint.map.paint(pictures);
      rows.set(lane, pictures);
      if (rows.size < CELLS || !isTime()) return undefined;
      const below = Array.from({ length: CELLS }, (_, row) => rows.get(`map-${CELLS - 1 - row}`).values); // the newest on top
      const values = new Uint8Array(below.reduce((size, part) => size + part.length, 0));
      below.reduce((from, part) => values.set(part, from) ?? from + part.length, 0);
      return paint.map.paint({ shape: [CELLS * CELLS, ...pictures.shape.slice(1)], values });
    },
  });

  add("axes", {
    ...THUMBS,
    pause: 400,
    wanted: () => sight.sees(paint.under.canvas) || sight.sees(paint.beside.canvas),
    key: () => planeKey() && `${lookKey()} ${place.key} ${planeKey()}`,
    send() {
      const [across, [count, dim]] = plane.row();
      if (!isTime()) {
        const [upright] = plane.column();
        const both = new Float32Array(across.length + upright.length);
        both.set(across);
        both.set(upright, across.length);
        return draw("axes", [both, [2 * count, dim]]);
      }
      draw("axes-under", [across, [count, dim]]);
      return latent.ask("axes-beside", { ask: "film", ...look(), steps: [...new Set(time.rows())] }, here(), undefined, time.rows());
    },
    take({ lane, pictures, steps }, { note }) {
      if (lane === "axes-under") return paint.under.paint(pictures);
      if (lane === "axes") {
        const [across, upright] = halves(pictures);
        paint.under.paint(across);
        return paint.beside.paint(upright);
      }
      const size = pictures.values.length / pictures.shape[0];
      const values = new Uint8Array(CELLS * size);
      note.forEach((step, row) => {
        const index = Math.max(0, steps.indexOf(step));
        values.set(pictures.values.subarray(index * size, (index + 1) * size), (CELLS - 1 - row) * size);
      });
      return paint.beside.paint({ shape: [CELLS, ...pictures.shape.slice(1)], values });
    },
  });

  // The same z, in every class: whichever is chosen.
  add("class", {
    ...THUMBS,
    pause: 110,
    wanted: () => classes.count > 0 && sight.sees(classes.box),
    key: () => `${[look().weights, look().at].join()} ${place.key}`,
    send: () => draw("class", stacked(Array.from({ length: classes.count }, here)), { labels: Array.from({ length: classes.count }, (_, label) => label) }),
    take: classes.take,
  });

  add("rail", {
    ...THUMBS,
    calm: 160,
    wanted: () => sight.sees(rail.list),
    key: () => rail.key && `${lookKey()} ${rail.key}`,
    send: () => draw("rail", rail.places()),
    take: ({ pictures }) => rail.take(pictures),
  });

  add("wall", {
    ...THUMBS,
    calm: 120,
    wanted: () => shown(wall.panel),
    key: () => wall.key && `${lookKey()} ${wall.key}`,
    send() {
      const vectors = wall.vectors();
      draw("wall", stacked(vectors.map(place.given)), {}, vectors);
    },
    take: ({ pictures }, { note }) => wall.take(pictures, note),
  });

  add("gradient", {
    pause: 150,
    fresh: 1000,
    wanted: () => shown(critic.panel),
    send: () => latent.ask("gradient", { ask: "gradient", ...look() }, here()),
    take: critic.takeGradient,
  });

  add("follow", {
    calm: 200,
    fresh: 2500,
    wanted: () => shown(critic.panel),
    key: () => `${critic.along} ${lookKey()} ${place.key}`,
    send: () => latent.ask("follow", { ask: "follow", ...look(), along: critic.along, count: STEPS_ALONG, rate: RATE[critic.along] }, here(), undefined, critic.along),
    take: (got, { note }) => note === critic.along && critic.takeSteps(got),
  });

  add("near", {
    calm: 250,
    fresh: 4000,
    wanted: () => shown(near.panel),
    key: () => `${near.by} ${lookKey()} ${place.key}`,
    send: () => latent.ask("near", { ask: "nearest", ...look(), by: near.by }, here(), undefined, near.by),
    take: near.take,
  });

  add("film", {
    calm: 200,
    fresh: 1e9,
    wanted: () => shown(time.panel) && time.film().length > 0,
    key: () => `${look().labels} ${place.key} ${time.film().join()}`,
    send: () => latent.ask("film", { ask: "film", ...look(), steps: time.film() }, here()),
    take: time.take,
  });

  const pieceOf = (lane) => lane.split("-")[0];
  return { pieceOf, take: (got, asked) => takers[pieceOf(got.lane)]?.(got, asked) };
}
