// What the runs drew, beside each other: one figure a run, all showing their moments nearest to one place, and one tile of each enlarged.

function makeFigure(run, onTile) {
  const root = document.createElement("figure");
  root.className = "gs-run";
  root.dataset.run = run.id;
  root.innerHTML = `<figcaption><svg class="gs-swatch" viewBox="0 0 26 4" aria-hidden="true"><path d="M0 2H26"/></svg><b></b></figcaption>
    <div class="gs-sheet" tabindex="0" role="application"><canvas role="img"></canvas><i hidden></i></div>
    <p class="gs-drawn"></p><div class="gs-loupe"><canvas role="img"></canvas><span></span></div>`;
  const find = (selector) => root.querySelector(selector);
  const figure = { root, canvas: find(".gs-sheet canvas"), sheet: find(".gs-sheet"), frame: find(".gs-sheet i"), loupe: find(".gs-loupe canvas") };
  const under = ({ clientX, clientY }) => {
    const box = figure.sheet.getBoundingClientRect();
    const at = (place, start, length) => Math.min(ACROSS - 1, Math.max(0, Math.floor(((place - start) / length) * ACROSS)));
    return at(clientY, box.top, box.height) * ACROSS + at(clientX, box.left, box.width);
  };
  figure.sheet.onpointermove = figure.sheet.onpointerdown = (event) => onTile(under(event));
  return { ...figure, find, shown: "", drawn: null };
}

// The sheet's tiles with room between them; as in the live view, whole-number steps first and then an average down.
function paintSheet(canvas, bitmap) {
  const fitted = fitCanvas(canvas);
  if (!fitted) return false;
  const { pen, side } = fitted;
  const cell = side / ACROSS;
  const gap = Math.max(1, Math.round(side / 136));
  const target = Math.floor(cell) - gap;
  const tile = bitmap.width / ACROSS;
  const [sheet, times] = enlarge(bitmap, tile, target);
  pen.imageSmoothingEnabled = target % tile !== 0;
  pen.imageSmoothingQuality = "high";
  const rows = Math.round(bitmap.height / tile);
  for (let i = 0; i < rows * ACROSS; i++) {
    const [column, row] = [i % ACROSS, Math.floor(i / ACROSS)];
    const size = tile * times;
    const place = (index) => Math.round(index * cell + gap / 2);
    pen.drawImage(sheet, column * size, row * size, size, size, place(column), place(row), target, target);
  }
  return true;
}

function paintOne(canvas, bitmap, tile) {
  const fitted = fitCanvas(canvas);
  if (!fitted) return;
  const size = bitmap.width / ACROSS;
  fitted.pen.imageSmoothingEnabled = false;
  fitted.pen.drawImage(bitmap, (tile % ACROSS) * size, Math.floor(tile / ACROSS) * size, size, size, 0, 0, fitted.side, fitted.side);
}

// The numbers below the slider: a row of ticks a run, one for each moment it keeps.
function paintTicks(canvas, runs, colours) {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
  if (!width) return;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const pen = canvas.getContext("2d");
  pen.clearRect(0, 0, width, height);
  const row = height / runs.length;
  runs.forEach(({ colour, shares }, i) => {
    pen.fillStyle = colours[colour];
    for (const share of shares) pen.fillRect(Math.round(share * width - ratio), Math.round(i * row), 2 * ratio, Math.max(1, Math.round(row - 2 * ratio)));
  });
}

function makeGrids({ box, onTile }) {
  const figures = new Map(); // run id -> figure
  let tile = 0;
  const keys = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -ACROSS, ArrowDown: ACROSS };

  function choose(next) {
    if (next < 0 || next >= ACROSS * ACROSS || next === tile) return;
    tile = next;
    onTile();
  }

  box.onkeydown = (event) => {
    if (!(event.key in keys) || !event.target.classList.contains("gs-sheet")) return;
    event.preventDefault();
    choose(tile + keys[event.key]);
  };
  const resized = new ResizeObserver(() => onTile());

  return {
    get tile() {
      return tile;
    },
    figure: (id) => figures.get(id),
    setRuns(runs, words) {
      const gone = [...figures.keys()].filter((id) => !runs.some((run) => run.id === id));
      for (const id of gone) {
        resized.unobserve(figures.get(id).canvas);
        figures.get(id).root.remove();
        figures.delete(id);
      }
      for (const run of runs) {
        if (!figures.has(run.id)) {
          figures.set(run.id, makeFigure(run, choose));
          resized.observe(figures.get(run.id).canvas);
        }
        const { root, find, sheet, canvas } = figures.get(run.id);
        if (box.children[runs.indexOf(run)] !== root) box.insertBefore(root, box.children[runs.indexOf(run)] ?? null);
        root.style.setProperty("--gs-run", `var(--gs-${run.colour})`);
        root.dataset.kind = run.kind;
        find("path").setAttribute("stroke-dasharray", SWATCHES[run.slot]);
        find("figcaption b").textContent = find("figcaption b").title = run.name;
        sheet.setAttribute("aria-label", words.grid_alt.replace("{run}", run.name));
        canvas.setAttribute("aria-label", run.name);
      }
      box.parentElement.style.setProperty("--gs-count", runs.length);
    },
    // One run's moment onto its figure; only what has changed is painted. `moment` is null before the first picture is there.
    paint(run, moment, { colours, words, note, verdict }) {
      const figure = figures.get(run.id);
      const plane = run.kind === "plane";
      const drawn = moment ? note : words.nothing_kept;
      if (figure.find(".gs-drawn").textContent !== drawn) figure.find(".gs-drawn").textContent = drawn;
      if (!moment) return;
      const shown = `${moment.key} ${figure.canvas.clientWidth} ${plane ? `${colours.fake} ${Boolean(run.latest.reals)}` : ""}`;
      if (shown !== figure.shown) {
        if (plane) paintPlane(figure.canvas, run.latest.reals, moment.points, colours);
        else paintSheet(figure.canvas, moment.bitmap);
        figure.root.dataset.step = moment.step;
      }
      const enlarged = `${shown} ${tile}`;
      if (!plane && enlarged !== figure.enlarged) {
        paintOne(figure.loupe, moment.bitmap, tile);
        figure.loupe.setAttribute("aria-label", words.tile_alt.replace("{run}", run.name).replace("{row}", Math.floor(tile / ACROSS) + 1).replace("{column}", (tile % ACROSS) + 1));
        figure.find(".gs-loupe span").textContent = verdict(moment.verdict?.[tile]);
        figure.frame.hidden = false;
        figure.frame.style.transform = `translate(${(tile % ACROSS) * 100}%, ${Math.floor(tile / ACROSS) * 100}%)`;
      }
      Object.assign(figure, { shown, enlarged });
    },
    destroy: () => resized.disconnect(),
  };
}
