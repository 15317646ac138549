// What the page asks the network for: each piece of it by itself, when it can be seen, when it has changed, and no oftener than it may.

const BUSY_MS = 1000; // until a piece asks again that met a busy server

// A piece is {wanted(), key(), send(), calm, pause, fresh}: `key` says in text what it depends on, null while that is not known;
// calm: ms without a change before it asks; pause: ms between two asks; fresh: ms between two asks that only newer weights cause.
function makePieces() {
  const pieces = new Map();

  function due(piece) {
    if (!piece.wanted()) return null;
    const key = piece.key();
    return key === null || (key === piece.asked && !piece.stale) ? null : key;
  }

  function go(piece) {
    piece.timer = 0;
    const key = due(piece);
    if (key === null) return;
    Object.assign(piece, { asked: key, stale: false, last: performance.now() });
    piece.send();
  }

  function look(piece) {
    const key = due(piece);
    if (key === null || (piece.timer && piece.waits === key)) return;
    clearTimeout(piece.timer);
    const since = performance.now() - piece.last;
    const wait = key === piece.asked ? piece.fresh - since : Math.max(piece.calm, piece.pause - since);
    piece.waits = key;
    if (wait > 0) piece.timer = setTimeout(() => go(piece), wait);
    else go(piece);
  }

  return {
    add(name, { calm = 0, pause = 0, fresh = 0, wanted = () => true, ...rest }) {
      pieces.set(name, { calm, pause, fresh, wanted, ...rest, asked: null, stale: false, last: -1e9, timer: 0, waits: null });
    },
    look: () => pieces.forEach(look),
    // Newer weights are there: everything that is shown may look otherwise now.
    renew() {
      for (const piece of pieces.values()) piece.stale = piece.asked !== null;
      pieces.forEach(look);
    },
    // The server had no time for this one.
    later(name) {
      const piece = pieces.get(name);
      piece.asked = null;
      clearTimeout(piece.timer);
      piece.timer = setTimeout(() => go(piece), BUSY_MS);
      piece.waits = piece.key();
    },
    clear() {
      for (const piece of pieces.values()) {
        clearTimeout(piece.timer);
        Object.assign(piece, { asked: null, stale: false, timer: 0, last: -1e9 });
      }
    },
  };
}

// Whether elements can be seen, a little beyond the window's edge: nothing is drawn for what is out of sight.
function makeSight(onChange) {
  const seen = new Set();
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) seen[isIntersecting ? "add" : "delete"](target);
      onChange();
    },
    { rootMargin: "80px" },
  );
  return {
    watch: (element) => observer.observe(element),
    sees: (element) => !document.hidden && seen.has(element),
    stop: () => observer.disconnect(),
  };
}

// `run` now, and while it is called over and over every so many ms, the last call not left out: sliders need not follow each pixel.
function makeCalm(run, ms) {
  let last = -1e9;
  let timer = 0;
  const go = () => {
    [last, timer] = [performance.now(), 0];
    run();
  };
  return () => {
    const wait = last + ms - performance.now();
    if (wait <= 0) go();
    else timer ||= setTimeout(go, wait);
  };
}
