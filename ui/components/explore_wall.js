// A wall of 64 images around the present point: in the pad's plane, or in directions drawn by chance. A click goes there.

const WALL = 8;
const HERE = 36; // the tile that is the present point
const WAYS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -WALL, ArrowDown: WALL };

function makeWall({ root, place }) {
  const panel = root.querySelector("[data-panel=wall]");
  const frame = panel.querySelector(".ex-frame");
  const ring = panel.querySelector(".ex-ring");
  const spread = panel.querySelector("[data-do=spread]");
  const tiles = makeTiles(panel.querySelector("canvas"), { across: WALL, down: WALL });
  let words = {};
  let formats = {};
  let mode = "plane";
  let chosen = HERE;
  let there = null; // z of each tile that is shown

  function vectors() {
    const reach = Number(spread.value);
    if (mode === "near") {
      return Array.from({ length: WALL * WALL }, (_, tile) => {
        const noise = normalsOf(1000 + tile, place.z.length);
        return tile === HERE ? place.z : place.z.map((value, i) => rounded(value + reach * noise[i]));
      });
    }
    const first = place.axis(0) ?? apart(normalsOf(1, place.z.length), null);
    const second = place.axis(1) ?? apart(normalsOf(2, place.z.length), first);
    return Array.from({ length: WALL * WALL }, (_, tile) => {
      const [x, y] = [reach * ((tile % WALL) - (HERE % WALL)), reach * (Math.floor(HERE / WALL) - Math.floor(tile / WALL))];
      return place.z.map((value, i) => rounded(value + x * first[i] + y * second[i]));
    });
  }

  function choose(tile) {
    chosen = Math.max(0, Math.min(WALL * WALL - 1, tile));
    Object.assign(ring.style, { left: `${(100 / WALL) * (chosen % WALL)}%`, top: `${(100 / WALL) * Math.floor(chosen / WALL)}%` });
    if (words.wall_tile) frame.setAttribute("aria-label", filled(words.wall_tile, { row: formats.whole.format(Math.floor(chosen / WALL) + 1), column: formats.whole.format((chosen % WALL) + 1) }));
  }

  const enter = () => there && place.go(there[chosen]);

  frame.addEventListener("click", (event) => {
    const box = frame.getBoundingClientRect();
    const cell = (share) => Math.max(0, Math.min(WALL - 1, Math.floor(share * WALL)));
    choose(cell((event.clientY - box.y) / box.height) * WALL + cell((event.clientX - box.x) / box.width));
    enter();
    choose(HERE);
  });
  frame.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in WAYS) choose(chosen + WAYS[event.key]);
    else if (event.key === "Enter" || event.key === " ") {
      enter();
      choose(HERE);
    } else return;
    event.preventDefault();
  });

  choose(HERE);
  return {
    panel,
    vectors,
    spread,
    get key() {
      const plane = mode === "plane" ? place.planeKey(1) : "";
      return plane === null ? null : `${mode} ${spread.value} ${place.key} ${plane}`;
    },
    setMode(next) {
      mode = next;
    },
    take(pictures, vectorsShown) {
      there = vectorsShown;
      ring.hidden = false;
      tiles.paint(pictures);
    },
    clear() {
      there = null;
      ring.hidden = true;
      tiles.clear();
    },
    again: tiles.again,
    setWords(nextWords, nextFormats) {
      [words, formats] = [nextWords, nextFormats];
      choose(chosen);
    },
  };
}
