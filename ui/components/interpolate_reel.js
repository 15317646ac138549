// One way from key to key: its large image, its film strip, and how long z is along it.

const STRIP_PX = 56;
const HEADROOM = 1.15;

function makeReel({ root, way, onScrub }) {
  const figure = root.querySelector(`.gs-figures [data-way=${way}]`);
  const strip = root.querySelector(`.gs-reel[data-way=${way}]`);
  const [large, film] = [figure.querySelector("canvas"), strip.querySelector(".gs-film canvas")];
  const cursors = strip.querySelectorAll("i");
  let answer = null; // { pictures, norms, step }
  let shown = -1;
  let tall = 1; // of the chart, in lengths of z; the same for both ways

  const count = () => answer?.pictures.shape[0] ?? 0;

  function paintLarge(frame) {
    shown = Math.min(frame, count() - 1);
    if (shown >= 0) paintTile(large, sheetOf(pictureOf(answer.pictures, shown)), 0);
  }

  function paintFilm() {
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [film.clientWidth, STRIP_PX].map((length) => Math.round(length * ratio));
    if (!width || !answer) return;
    Object.assign(film, { width, height });
    const pen = film.getContext("2d");
    const places = Math.max(2, Math.round(width / height));
    const wide = width / places;
    for (let i = 0; i < places; i++) {
      const { image } = sheetOf(pictureOf(answer.pictures, Math.round(((i + 0.5) / places) * (count() - 1))));
      pen.imageSmoothingEnabled = image.height > height;
      pen.drawImage(image, Math.round(i * wide), 0, Math.round((i + 1) * wide) - Math.round(i * wide), height);
    }
  }

  function paintNorms(words, formats, usual) {
    const { values } = answer.norms;
    const at = (value) => (40 * (1 - value / tall)).toFixed(2);
    const line = Array.from(values, (value, i) => `${((100 * i) / Math.max(1, values.length - 1)).toFixed(2)} ${at(value)}`);
    strip.querySelector(".gs-line").setAttribute("d", `M${line.join("L")}`);
    strip.querySelector(".gs-usual").setAttribute("d", `M0 ${at(usual)}H100`);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    const text = filled(words.norms, { low: formats.one.format(low), high: formats.one.format(high), usual: formats.one.format(usual) });
    strip.querySelector("small").textContent = text;
    strip.querySelector("svg").setAttribute("aria-label", text);
    Object.assign(strip.dataset, { low: low.toFixed(3), high: high.toFixed(3) });
  }

  function scrub({ clientX, currentTarget }) {
    const edge = currentTarget.getBoundingClientRect();
    onScrub(Math.max(0, Math.min(1, (clientX - edge.left) / edge.width)));
  }
  for (const place of strip.querySelectorAll(".gs-film, .gs-norms")) {
    place.onpointerdown = (event) => {
      place.setPointerCapture(event.pointerId);
      scrub(event);
    };
    place.onpointermove = (event) => place.hasPointerCapture(event.pointerId) && scrub(event);
  }

  return {
    get count() {
      return count();
    },
    get step() {
      return answer?.step ?? null;
    },
    get high() {
      return answer ? Math.max(...answer.norms.values) : 0;
    },
    get keys() {
      return answer?.keys ?? "";
    },
    // What a "path" was answered with, and the keys it goes by.
    take: (next, keys) => (answer = { ...next, keys }),
    clear() {
      answer = null;
      shown = -1;
      for (const canvas of [large, film]) canvas.getContext("2d").clearRect(0, 0, canvas.width, canvas.height);
      strip.querySelectorAll("path").forEach((path) => path.removeAttribute("d"));
      strip.querySelector("small").textContent = figure.querySelector("small").textContent = "";
    },
    setShown(on) {
      figure.hidden = strip.hidden = !on;
    },
    // At frame `frame` of `total`; only the cursor and the large image change.
    seek(frame, total, label) {
      paintLarge(frame);
      for (const cursor of cursors) cursor.style.left = `${(100 * frame) / Math.max(1, total - 1)}%`;
      if (label !== null) large.setAttribute("aria-label", label);
    },
    // Everything anew: another answer, another size, other colours.
    paint({ words, formats, usual, highest }) {
      if (!answer) return;
      tall = HEADROOM * Math.max(highest, usual);
      paintLarge(Math.max(0, shown));
      paintFilm();
      paintNorms(words, formats, usual);
      film.setAttribute("aria-label", words.film_alt);
      figure.querySelector("small").textContent = filled(words.drawn_at, { step: formats.whole.format(answer.step) });
    },
  };
}
