// Plays and scrubs a walk that is here as a whole: no frame of it is asked for again.

const SPEEDS = [6, 12, 24, 30, 60];
const USUAL_SPEED = 24;
const CALM_SPEED = 6; // where the reader wants less motion

function makePlayer({ root, onFrame }) {
  const find = (selector) => root.querySelector(selector);
  const [button, slider, speed, when, marks] = ["[data-do=play]", "[data-player=slider]", "[data-player=speed]", ".gs-when", ".gs-marks"].map(find);
  let words = {};
  let count = 0;
  let stops = []; // the frame of each key, ascending; a closed walk ends at its first key again
  let frame = 0;
  let playing = null; // { time, frame } where it was started
  let request = 0;

  const rate = () => Number(speed.value);

  function label() {
    const values = { frame: frame + 1, count };
    const exact = stops.findIndex(({ place }) => Math.round(place) === frame);
    if (exact >= 0) return filled(words.frame_at, { ...values, key: stops[exact].key });
    const next = stops.findIndex(({ place }) => place > frame);
    return next > 0 ? filled(words.frame_between, { ...values, from: stops[next - 1].key, to: stops[next].key }) : "";
  }

  function show() {
    root.dataset.frame = frame;
    slider.value = frame;
    const text = count ? label() : "";
    when.textContent = text;
    if (!playing) slider.setAttribute("aria-valuetext", text);
    onFrame(frame, count, !playing);
  }

  function seek(next) {
    frame = Math.max(0, Math.min(count - 1, next));
    if (playing) playing = { time: performance.now(), frame };
    show();
  }

  function advance(time) {
    if (!playing) return;
    const next = (playing.frame + Math.max(0, Math.floor(((time - playing.time) * rate()) / 1000))) % count;
    if (next !== frame && !document.hidden) {
      frame = next;
      show();
    }
    request = requestAnimationFrame(advance);
  }

  function play(on = !playing) {
    cancelAnimationFrame(request);
    playing = on && count > 1 ? { time: performance.now(), frame } : null;
    button.setAttribute("aria-pressed", String(Boolean(playing)));
    button.setAttribute("aria-label", playing ? words.pause : words.play);
    button.title = playing ? words.pause : words.play;
    if (playing) request = requestAnimationFrame(advance);
    else if (count) show();
  }

  // Space and arrows, for whoever writes nowhere and has no button, slider or card of its own under the fingers.
  function press(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !count || !root.getClientRects().length) return;
    const { target } = event;
    if (!(target instanceof Element) || target.closest(WRITES) || document.querySelector("[role=dialog][aria-modal=true]")) return;
    const next = { ArrowLeft: frame - 1, ArrowRight: frame + 1, Home: 0, End: count - 1 }[event.key];
    if (event.key === " " && !target.closest(PRESSES)) play();
    else if (next !== undefined && !target.closest(MOVES_BY_ARROWS)) seek(next);
    else return;
    event.preventDefault();
  }

  button.onclick = () => play();
  slider.oninput = () => seek(Number(slider.value));
  speed.onchange = () => playing && seek(frame);
  document.addEventListener("keydown", press);

  return {
    seek,
    seekShare: (share) => seek(Math.round(share * (count - 1))),
    seekKey: (index) => stops[index] && seek(Math.round(stops[index].place)),
    get playing() {
      return Boolean(playing);
    },
    // Another walk: as far along it as along the one before.
    setWalk(nextCount, keys, closed) {
      const share = count > 1 ? frame / (count - 1) : 0;
      count = nextCount;
      slider.max = Math.max(0, count - 1);
      slider.disabled = button.disabled = count < 2;
      const legs = closed ? keys : keys - 1;
      stops = range(keys).map((i) => ({ key: i + 1, place: (i * (closed ? count : count - 1)) / legs }));
      const ticks = stops.map(({ key, place }) => {
        const tick = Object.assign(document.createElement("b"), { textContent: key });
        tick.style.left = `${(100 * place) / Math.max(1, count - 1)}%`;
        return tick;
      });
      marks.replaceChildren(...ticks);
      if (closed) stops.push({ key: 1, place: count });
      if (count < 2) play(false);
      frame = Math.round(share * Math.max(0, count - 1));
      if (playing) playing = { time: performance.now(), frame };
      show();
    },
    setWords(next) {
      words = next;
      slider.setAttribute("aria-label", words.position);
      if (!speed.options.length) {
        speed.append(...SPEEDS.map((value) => new Option("", value)));
        speed.value = window.matchMedia("(prefers-reduced-motion: reduce)").matches ? CALM_SPEED : USUAL_SPEED;
      }
      for (const option of speed.options) option.textContent = filled(words.per_s, { count: option.value });
      play(Boolean(playing));
    },
    destroy() {
      playing = null;
      cancelAnimationFrame(request);
      document.removeEventListener("keydown", press);
    },
  };
}
