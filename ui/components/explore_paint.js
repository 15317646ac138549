// Pictures onto canvases, in device pixels: rows of tiles, and the signed map of what D wants.

// How wide canvases are, told by the browser when that changes: asking for it at each picture would lay out the page each time.
const widths = new WeakMap(); // canvas -> { width, onChange }
const watcher = new ResizeObserver((entries) => {
  for (const { target, contentRect } of entries) {
    const watched = widths.get(target);
    if (watched.width === contentRect.width) continue;
    watched.width = contentRect.width;
    watched.onChange();
  }
});

// Draws pictures {shape, values} on one canvas, `across` a row; remembers them, for when the canvas can be seen or changes its size.
function makeTiles(canvas, { across, down = 1, gap = 0.06, round = false }) {
  const pen = canvas.getContext("2d");
  let last = null;
  widths.set(canvas, { width: 0, onChange: () => paint(last) });
  watcher.observe(canvas);

  function paint(picture) {
    last = picture;
    const side = Math.round(widths.get(canvas).width * (window.devicePixelRatio || 1));
    if (!side || !picture) return;
    const tallest = Math.round((side * down) / across);
    if (canvas.width !== side || canvas.height !== tallest) Object.assign(canvas, { width: side, height: tallest });
    else pen.clearRect(0, 0, side, tallest);
    canvas.dataset.drawn ??= "true";
    const sheet = contactSheet(picture);
    const [count, height, width] = picture.shape;
    const cell = side / across;
    const space = gap ? Math.max(1, Math.round(cell * gap)) : 0;
    const target = Math.round(cell) - space;
    const tall = Math.round((target * height) / width);
    pen.imageSmoothingEnabled = target % width !== 0 && target < 4 * width;
    pen.imageSmoothingQuality = "high";
    for (let i = 0; i < Math.min(count, across * down); i++) {
      const [x, y] = [Math.round((i % across) * cell + space / 2), Math.round(Math.floor(i / across) * cell + space / 2)];
      pen.drawImage(sheet, i * width, 0, width, height, x, y, target, tall);
      if (round) trim(pen, x, y, target);
    }
  }

  // Nothing of another run may stay.
  function clear() {
    last = null;
    delete canvas.dataset.drawn;
    pen.clearRect(0, 0, canvas.width, canvas.height);
  }

  return { canvas, paint, clear, again: () => paint(last) };
}

// Corners of a tile taken off, so that it looks like a photograph and not like a hole.
function trim(pen, x, y, size) {
  pen.save();
  pen.globalCompositeOperation = "destination-out";
  const path = new Path2D();
  path.rect(x - 0.5, y - 0.5, size + 1, size + 1);
  path.roundRect(x, y, size, size, Math.max(2, size / 12));
  pen.fill(path, "evenodd");
  pen.restore();
}

const channelsOf = (hex) => [1, 3, 5].map((from) => Number.parseInt(hex.slice(from, from + 2), 16));

// D's wish for each pixel in two colours that everyone can tell apart: the stronger the wish, the less of the picture shines through.
function paintHeat(canvas, { shape: [height, width, channels], values }, colours) {
  const small = newCanvas(width, height);
  const pen = small.getContext("2d");
  const pixels = pen.createImageData(width, height);
  const wish = new Float32Array(width * height);
  for (let i = 0; i < values.length; i++) wish[Math.floor(i / channels)] += values[i];
  const sorted = Float32Array.from(wish, Math.abs).sort();
  const most = sorted[Math.floor(0.98 * (sorted.length - 1))] || 1e-12; // a single pixel must not pale all others
  const [up, down] = [channelsOf(colours.fake), channelsOf(colours.critic)];
  wish.forEach((value, i) => pixels.data.set([...(value > 0 ? up : down), 235 * Math.min(1, Math.abs(value) / most) ** 0.8], 4 * i));
  pen.putImageData(pixels, 0, 0);
  const fitted = fitCanvas(canvas, height / width);
  if (!fitted) return;
  fitted.pen.imageSmoothingEnabled = false;
  fitted.pen.drawImage(small, 0, 0, canvas.width, canvas.height);
}

// The same words again would still be laid out again.
const write = (element, text) => element.textContent === text || (element.textContent = text);

// One image of several, as pictures of one.
function pictureAt({ shape: [, ...rest], values }, index) {
  const size = rest.reduce((a, b) => a * b, 1);
  return { shape: [1, ...rest], values: values.subarray(index * size, (index + 1) * size) };
}

// Vectors one behind the other, as an ask carries them.
function stacked(vectors) {
  const all = new Float32Array(vectors.length * vectors[0].length);
  vectors.forEach((vector, i) => all.set(vector, i * vector.length));
  return [all, [vectors.length, vectors[0].length]];
}
