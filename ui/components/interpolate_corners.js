// A sheet of images between four keys, from corner to corner.

const SIZES = [3, 4, 5, 6, 8, 10];
const USUAL_SIZE = 6;
const ASK_BYTES = 280000; // of z in one ask, at most
const SAVED_PX = 1024;

// Lists of keys to choose from: `picks` holds a place among the keys for each list, and stays within them.
function fillPicks(selects, picks, count, words) {
  selects.forEach((select, i) => {
    picks[i] = Math.min(picks[i], Math.max(0, count - 1));
    const wanted = `${count} ${words.key}`;
    if (select.dataset.filled !== wanted) {
      select.dataset.filled = wanted;
      select.replaceChildren(...range(count).map((index) => new Option(filled(words.key, { number: index + 1 }), index)));
    }
    select.value = picks[i];
  });
}

function makeCorners({ root, onChange, add, kinds }) {
  const box = root.querySelector(".gs-corners");
  const selects = [...box.querySelectorAll("[data-corner]")];
  const size = box.querySelector("[data-corners=size]");
  const cell = box.querySelector("[data-slot=cell]");
  const chooser = makeChooser({ box: box.querySelector(".gs-pool"), onPick: pick, onMove: tellCell });
  const picks = [0, 1, 2, 3];
  let mix = "slerp";
  let words = {};
  let pictures = null;
  let rows = [];
  let blends = []; // the kind of each
  let fresh = true;

  function pick(index) {
    if (rows[index]) add(kinds.put(keyOfZ(rows[index]), blends[index]));
  }

  function tellCell(index) {
    const [row, column] = [Math.floor(index / Number(size.value)), index % Number(size.value)];
    cell.textContent = words.chosen && rows.length ? filled(words.chosen, { row: row + 1, column: column + 1 }) : "";
  }

  function press() {
    for (const button of box.querySelectorAll("[data-mix]")) button.setAttribute("aria-pressed", String(button.dataset.mix === mix));
  }

  function paint() {
    if (!pictures) return;
    const across = Math.round(Math.sqrt(pictures.shape[0]));
    drawImages(chooser.canvas, sheetOf(pictures), { tiles: range(across * across), across, gap: true });
  }

  function save() {
    if (!pictures) return;
    const [count, height, width] = pictures.shape;
    const across = Math.round(Math.sqrt(count));
    const times = Math.max(1, Math.ceil(SAVED_PX / (across * width)));
    const whole = newCanvas(across * width * times, across * height * times);
    const pen = whole.getContext("2d");
    pen.imageSmoothingEnabled = false;
    const { image } = sheetOf(pictures);
    for (let i = 0; i < count; i++) {
      const [x, y] = [(i % across) * width, Math.floor(i / across) * height];
      pen.drawImage(image, i * width, 0, width, height, x * times, y * times, width * times, height * times);
    }
    const link = Object.assign(document.createElement("a"), { href: whole.toDataURL("image/png"), download: `${root.dataset.run}-corners.png` });
    link.click();
  }

  selects.forEach((select, i) => {
    select.onchange = () => {
      picks[i] = Number(select.value);
      onChange();
    };
  });
  size.onchange = onChange;
  box.ontoggle = onChange;
  box.onclick = ({ target }) => {
    if (target.dataset.mix) {
      mix = target.dataset.mix;
      press();
      onChange();
    } else if (target.dataset.corners === "add") pick(chooser.at);
    else if (target.dataset.corners === "save") save();
  };

  return {
    paint,
    show(count, dim, nextWords) {
      words = nextWords;
      if (fresh) fillSizes(size, dim);
      if (fresh && count) range(4).forEach((i) => (picks[i] = i % count));
      fresh &&= !count;
      fillPicks(selects, picks, count, words);
      press();
    },
    // The z of the sheet and what they are asked to be; null while it is closed, or there are too few keys.
    wish(zs, keyKinds) {
      if (!box.open || zs.length < 2) return null;
      const across = Number(size.value);
      rows = cornersOf(picks.map((index) => zs[index]), across, mix);
      blends = cornerShares(across).map((shares) => kinds.blend(picks.map((index) => keyKinds[index]), shares));
      chooser.setAcross(across);
      chooser.canvas.setAttribute("aria-label", filled(words.corners_alt, { size: across }));
      return { signature: [picks, across, mix].join(), rows, blends };
    },
    take(next) {
      pictures = next;
      box.dataset.drawn = next.shape[0];
      paint();
    },
  };
}

function fillSizes(select, dim) {
  const most = ASK_BYTES / (4 * dim);
  select.replaceChildren(...SIZES.filter((count) => count * count <= most).map((count) => new Option(count, count)));
  select.value = Math.min(USUAL_SIZE, Number(select.options[select.options.length - 1].value));
}
