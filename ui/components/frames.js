// Frames of /live/run and of its strips: one binary message -> plain objects over its buffer, and those onto a canvas.

const DTYPES = { uint8: Uint8Array, float32: Float32Array, float64: Float64Array };
const ACROSS = 8; // images a row, and rows

function decodeFrame(buffer) {
  const size = new DataView(buffer).getUint32(0, true);
  const frame = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, size)));
  const view = (array) =>
    array && {
      shape: array.shape,
      values: new DTYPES[array.dtype](buffer, 4 + size + array.offset, array.shape.reduce((a, b) => a * b, 1)),
    };
  if (frame.rows) frame.rows.array = view(frame.rows.array);
  if (frame.samples) frame.samples = { ...frame.samples, living: view(frame.samples.living), averaged: view(frame.samples.averaged) };
  for (const moment of frame.moments ?? []) moment.picture = view(moment.picture);
  frame.reals = view(frame.reals);
  frame.z = view(frame.z);
  return frame;
}

// The canvas in device pixels, so that the browser never scales what was drawn, `tall` times as high as wide; null while it has no size.
function fitCanvas(canvas, tall = 1) {
  const side = Math.round(canvas.clientWidth * (window.devicePixelRatio || 1));
  if (!side) return null;
  if (canvas.width !== side) canvas.width = side;
  if (canvas.height !== tall * side) canvas.height = tall * side;
  const pen = canvas.getContext("2d");
  pen.clearRect(0, 0, side, tall * side);
  return { pen, side };
}

function newCanvas(width, height) {
  return Object.assign(document.createElement("canvas"), { width, height });
}

// Canvases to work on, one a size and use: making new ones for each grid keeps the browser collecting garbage.
const scratch = new Map();

function scratchCanvas(use, width, height) {
  const name = `${use} ${width} ${height}`;
  if (!scratch.has(name)) {
    if (scratch.size > 8) scratch.clear();
    const canvas = newCanvas(width, height);
    const pen = canvas.getContext("2d");
    scratch.set(name, { canvas, pen, pixels: use === "sheet" ? pen.createImageData(width, height) : null });
  }
  return scratch.get(name);
}

// All tiles side by side at their own size: one putImageData instead of 64.
function contactSheet({ shape: [count, height, width, channels], values }) {
  const { canvas, pen, pixels } = scratchCanvas("sheet", width * count, height);
  const out = new Uint32Array(pixels.data.buffer);
  const [green, blue] = channels === 3 ? [1, 2] : [0, 0];
  let from = 0;
  for (let tile = 0; tile < count; tile++) {
    for (let y = 0; y < height; y++) {
      let to = y * width * count + tile * width;
      for (let x = 0; x < width; x++, from += channels, to++) {
        out[to] = 0xff000000 | (values[from + blue] << 16) | (values[from + green] << 8) | values[from];
      }
    }
  }
  pen.putImageData(pixels, 0, 0);
  return canvas;
}

// 28 pixels on 32 would come out some one and some two wide: first enlarge by whole numbers, then let the canvas average down.
function enlarge(sheet, tile, target) {
  if (target % tile === 0 || tile > target) return [sheet, 1];
  const times = Math.min(4, Math.ceil((2 * target) / tile));
  const { canvas, pen } = scratchCanvas("large", sheet.width * times, sheet.height * times);
  pen.imageSmoothingEnabled = false;
  pen.drawImage(sheet, 0, 0, canvas.width, canvas.height);
  return [canvas, times];
}

// Where each image of a picture lies: raw images (shape, values) side by side, or a kept moment's sheet, ACROSS a row, decoded.
function sheetOf(picture) {
  if (!(picture instanceof ImageBitmap)) {
    const [count, height, width] = picture.shape;
    return { image: contactSheet(picture), width, height, count, across: count };
  }
  const [width, height] = [picture.width / ACROSS, picture.height / ACROSS];
  return { image: picture, width, height, count: ACROSS * ACROSS, across: ACROSS };
}

function drawImages(canvas, sheet, { tiles, across, gap }) {
  const fitted = fitCanvas(canvas, tiles.length / across ** 2);
  if (!fitted) return;
  const { pen, side } = fitted;
  const { width, height } = sheet;
  const cell = side / across;
  const space = gap ? Math.max(1, Math.round(cell / 17)) : 0;
  const target = Math.floor(cell) - space;
  const [source, times] = enlarge(sheet.image, width, target);
  pen.imageSmoothingEnabled = target % width !== 0;
  pen.imageSmoothingQuality = "high";
  tiles.forEach((tile, i) => {
    if (tile >= sheet.count) return;
    const x = Math.round((i % across) * cell + space / 2);
    const y = Math.round(Math.floor(i / across) * cell + space / 2);
    const [left, top] = [(tile % sheet.across) * width, Math.floor(tile / sheet.across) * height];
    pen.drawImage(source, left * times, top * times, width * times, height * times, x, y, target, target);
  });
}

const range = (length, step = 1) => Array.from({ length }, (_, i) => i * step);

function paintGrid(canvas, sheet) {
  drawImages(canvas, sheet, { tiles: range(ACROSS * ACROSS), across: ACROSS, gap: true });
}

// The first image of each row: eight, as large as those of a grid beside them.
function paintColumn(canvas, sheet) {
  drawImages(canvas, sheet, { tiles: range(ACROSS, ACROSS), across: 1, gap: true });
}

function paintTile(canvas, sheet, tile) {
  drawImages(canvas, sheet, { tiles: [tile], across: 1, gap: false });
}

// The square that holds the reals with room to spare; fixed by them, so that wandering fakes move and the axes do not.
function planeBox({ values }) {
  const low = [Infinity, Infinity];
  const high = [-Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    low[i % 2] = Math.min(low[i % 2], values[i]);
    high[i % 2] = Math.max(high[i % 2], values[i]);
  }
  const half = 0.68 * Math.max(high[0] - low[0], high[1] - low[1], 1e-6);
  return { x: (low[0] + high[0]) / 2 - half, y: (low[1] + high[1]) / 2 - half, size: 2 * half };
}

function paintPlane(canvas, reals, fakes, colours) {
  const fitted = fitCanvas(canvas);
  if (!fitted || !reals) return;
  const { pen, side } = fitted;
  const box = planeBox(reals);
  const scale = side / box.size;
  const at = (values, i) => [(values[i] - box.x) * scale, side - (values[i + 1] - box.y) * scale];
  const dot = side / 260;
  const [zeroX, zeroY] = at([0, 0], 0);
  pen.fillStyle = colours.grid;
  pen.fillRect(Math.round(zeroX), 0, 1, side);
  pen.fillRect(0, Math.round(zeroY), side, 1);
  const scatter = (values, colour, alpha, radius) => {
    pen.fillStyle = colour;
    pen.globalAlpha = alpha;
    for (let i = 0; i < values.length; i += 2) {
      const [x, y] = at(values, i);
      pen.beginPath();
      pen.arc(x, y, radius, 0, 7);
      pen.fill();
    }
    pen.globalAlpha = 1;
  };
  scatter(reals.values, colours.neutral, 0.45, 1.6 * dot);
  if (fakes) scatter(fakes.values, colours.fake, 0.75, 1.2 * dot);
}
