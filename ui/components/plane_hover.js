// One fake in hand: found by a pointer, a finger or the arrow keys; its facts stand in a card that changes only when they do.

const REACH_PX = 26;
const CARD_MS = 120;
const WAYS_OF_KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

// The cell of the noise's grid a z lies in, as [row, column]; beyond the grid that at its edge.
function cellOf(look, i) {
  const { gridZ, z, fakes } = look;
  if (!gridZ?.length || !z) return null;
  const wide = z.length / (fakes.length / 2);
  const index = (value) => {
    let at = 0;
    while (at < gridZ.length - 2 && value >= gridZ[at + 1]) at += 1;
    return at;
  };
  return wide > 1 ? [index(z[wide * i + 1]), index(z[wide * i])] : [index(z[i]), 0];
}

// `lookOf()` is what is shown, `onChange()` asks for a new frame, `said(text)` tells who cannot see.
function makeHover({ root, canvas, lookOf, onChange, said }) {
  const card = root.querySelector(".pl-card");
  const slots = Object.fromEntries([...card.querySelectorAll("[data-card]")].map((element) => [element.dataset.card, element]));
  let words = {};
  let formats = {};
  let chosen = null;
  let pointer = null; // [x, y] in shares of the square
  let written = 0;

  const places = () => lookOf()?.fakes;
  const placeOf = (i, { fakes, span }) => [((fakes[2 * i] - span[0]) / span[2] + 1) / 2, (1 - (fakes[2 * i + 1] - span[1]) / span[2]) / 2];

  function nearest([px, py], reach) {
    const look = lookOf();
    if (!look?.fakes) return null;
    const far = (i) => {
      const [x, y] = placeOf(i, look);
      return Math.hypot(x - px, y - py);
    };
    let [best, least] = [null, reach];
    for (let i = 0; i < look.fakes.length / 2; i++) {
      const distance = far(i);
      if (distance < least) [best, least] = [i, distance];
    }
    // The one in hand stays until another is clearly nearer.
    if (best !== null && chosen !== null && chosen < look.fakes.length / 2 && far(chosen) < least + 0.25 * reach) return chosen;
    return best;
  }

  function texts(i) {
    const look = lookOf();
    const number = (value) => formats.two.format(value);
    const wide = look.z ? look.z.length / (look.fakes.length / 2) : 0;
    const z = wide > 1 ? filled(words.point, { x: number(look.z[wide * i]), y: number(look.z[wide * i + 1]) }) : wide ? number(look.z[i]) : "–";
    const cell = cellOf(look, i);
    const place = cell ? filled(wide > 1 ? words.cell : words.cell_line, { row: cell[0] + 1, column: cell[1] + 1 }) : "–";
    const verdict = look.verdict ? formats.two.format(look.verdict[i]) : "–";
    const arrow = look.arrows ? filled(words.arrow, { x: formats.small(look.arrows[2 * i]), y: formats.small(look.arrows[2 * i + 1]) }) : "–";
    return { z, place, verdict, arrow };
  }

  function write(now) {
    const there = chosen !== null && places();
    if (card.hidden === Boolean(there)) card.hidden = !there;
    if (!there || now - written < CARD_MS) return;
    written = now;
    for (const [name, text] of Object.entries(texts(chosen))) if (slots[name].textContent !== text) slots[name].textContent = text;
    const [x, y] = placeOf(chosen, lookOf());
    const side = card.dataset.side ?? "right";
    if (side === "right" && x > 0.55 && y < 0.4) card.dataset.side = "left";
    if (side === "left" && x < 0.45 && y < 0.4) card.dataset.side = "right";
  }

  function choose(next, now = Infinity) {
    if (next === chosen) return;
    chosen = next;
    written = 0;
    write(now);
    onChange();
  }

  function point(event) {
    const box = canvas.getBoundingClientRect();
    pointer = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    choose(nearest(pointer, ((event.pointerType === "touch" ? 1.6 : 1) * REACH_PX) / box.width));
  }

  function leave() {
    pointer = null;
    choose(null);
  }

  // The nearest fake that way: what lies aside counts as farther.
  function move([dx, dy]) {
    const look = lookOf();
    if (!look?.fakes) return;
    const count = look.fakes.length / 2;
    if (chosen === null || chosen >= count) return choose(nearest([0.5, 0.5], 9));
    const [x, y] = [look.fakes[2 * chosen], look.fakes[2 * chosen + 1]];
    let [best, least] = [chosen, Infinity];
    for (let i = 0; i < count; i++) {
      const [ax, ay] = [look.fakes[2 * i] - x, look.fakes[2 * i + 1] - y];
      const [along, aside] = [ax * dx + ay * dy, Math.abs(ax * dy) + Math.abs(ay * dx)];
      if (along > 1e-9 && along + 3 * aside < least) [best, least] = [i, along + 3 * aside];
    }
    choose(best);
  }

  canvas.addEventListener("pointermove", (event) => event.pointerType !== "touch" && point(event));
  canvas.addEventListener("pointerdown", point);
  canvas.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && leave());
  canvas.addEventListener("blur", leave);
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") leave();
    else if (WAYS_OF_KEYS[event.key]) move(WAYS_OF_KEYS[event.key]);
    else return;
    event.preventDefault();
    if (chosen === null) return;
    const { z, verdict, arrow } = texts(chosen);
    said(filled(words.fake_said, { number: chosen + 1, count: places().length / 2, z, verdict, arrow }));
  });

  return {
    // Once a frame: fakes move under a pointer that rests.
    follow(now) {
      if (pointer && places() && now - written >= CARD_MS) {
        const box = canvas.clientWidth || 1;
        const next = nearest(pointer, (1.5 * REACH_PX) / box);
        if (next !== chosen) [chosen, written] = [next, 0];
      }
      write(now);
    },
    setWords: (nextWords, nextFormats) => ([words, formats] = [nextWords, nextFormats]),
    clear: leave,
    get chosen() {
      return chosen !== null && places() && chosen < places().length / 2 ? chosen : null;
    },
  };
}
