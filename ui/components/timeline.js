// The bar that moves through a run's kept moments: a slider, evenly by moment; a time-lapse; and the way back to now.

const FRAMES_PER_S = 30;
const LAPSE_S = 8; // a whole run takes about so long
const CALM_PER_S = 4; // where the reader wants less motion
const REFRESH_MS = 3000;
const LATE_MS = 1000; // a moment that has not come by then is passed over

function makeTimeline({ root, moments, weightsNow, placeOf, isLive, onShow }) {
  const bar = root.querySelector(".gs-time");
  const part = Object.fromEntries([...bar.querySelectorAll("[data-time]")].map((element) => [element.dataset.time, element]));
  let shown = null; // the step that is looked at; null is now
  let words = {};
  let formats = {};
  let playing = null; // { every, last } in ms
  let dragged = false; // a pointer holds the slider: its scale must not change under it
  let stale = false;
  let label = "";
  let ticksDrawn = "";

  const last = () => moments.steps.length; // the slider's right end: now
  const index = () => (shown === null ? last() : moments.indexOf(shown));
  const write = (element, text) => element.textContent !== text && (element.textContent = text);

  function describe() {
    if (shown === null) return moments.steps.length ? words.now_long.replace("{count}", formats.whole.format(last())) : "";
    const { epoch, elapsed_s } = placeOf(shown) ?? {};
    const number = (value, make) => (value === undefined ? "–" : make(value));
    const values = { step: formats.whole.format(shown), epoch: number(epoch, formats.two.format), elapsed: number(elapsed_s, (s) => clockOf(s, false)) };
    return filled(words.moment, values);
  }

  function render() {
    if (!words.moment) return;
    const { slider, when, now, fork, play } = part;
    const past = shown !== null;
    slider.disabled = play.disabled = !last();
    if (slider.max !== String(last())) slider.max = last();
    if (slider.value !== String(index())) slider.value = index();
    slider.style.setProperty("--gs-at", last() ? index() / last() : 1);
    label = describe();
    write(when, label);
    slider.setAttribute("aria-valuetext", past ? label : words.now);
    now.disabled = !past;
    fork.style.visibility = past ? "" : "hidden";
    if (past) {
      const from = moments.forkOf(shown);
      write(fork, from === shown ? words.fork_here : filled(words.fork_at, { step: formats.whole.format(from) }));
    }
    play.setAttribute("aria-pressed", String(Boolean(playing)));
    play.setAttribute("aria-label", playing ? words.halt : words.play);
    play.title = playing ? words.halt : words.play;
  }

  // Where one can fork from, as ticks on the bar.
  function showTicks() {
    const { steps, forks } = moments;
    const places = last() ? forks.filter((step) => step >= steps[0]).map((step) => (moments.indexOf(step) / last()).toFixed(4)) : [];
    if (places.join() === ticksDrawn) return;
    ticksDrawn = places.join();
    part.ticks.replaceChildren(
      ...places.map((place) => {
        const tick = document.createElement("i");
        tick.style.setProperty("--gs-at", place);
        return tick;
      }),
    );
  }

  function seek(step) {
    shown = step;
    if (step === null) stop();
    moments.look(shown, weightsNow(), Boolean(playing));
    onShow(shown);
    render();
  }

  // By the slider's places; beyond the last moment is now.
  function seekIndex(place) {
    seek(place >= last() ? null : (moments.steps[Math.max(0, place)] ?? null));
  }

  function listChanged() {
    if (dragged) return (stale = true);
    stale = false;
    if (!last() && shown !== null) seek(null);
    showTicks();
    render();
  }

  function stop() {
    playing = null;
    render();
  }

  function play() {
    if (playing) return stop();
    if (!last()) return;
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const rate = calm ? CALM_PER_S : Math.min(FRAMES_PER_S, Math.max(CALM_PER_S, last() / LAPSE_S));
    playing = { every: 1000 / rate, last: performance.now() };
    if (shown === null) seekIndex(0);
    else moments.look(shown, weightsNow(), true);
    render();
    requestAnimationFrame(advance);
  }

  function advance(time) {
    if (!playing) return;
    const waited = time - playing.last;
    if (waited >= playing.every - 4 && !document.hidden) {
      const next = moments.steps[index() + 1];
      const ready = next === undefined || moments.lost.has(next) || moments.picture(next, weightsNow());
      if (ready || waited > LATE_MS) {
        playing.last = waited > 2 * playing.every ? time : playing.last + playing.every; // what came late is not caught up with
        seekIndex(index() + 1);
      }
    }
    requestAnimationFrame(advance);
  }

  const reach = () => {
    moments.refresh();
    moments.look(shown, weightsNow());
  };
  const grab = () => (dragged = true);
  const release = () => {
    dragged = false;
    if (stale) listChanged();
  };
  part.slider.oninput = ({ target }) => {
    if (playing) stop();
    seekIndex(Number(target.value));
  };
  part.slider.onpointerdown = grab;
  part.play.onclick = play;
  part.now.onclick = () => seek(null);
  bar.addEventListener("pointerenter", reach);
  bar.addEventListener("focusin", reach);
  window.addEventListener("pointerup", release);
  window.addEventListener("pointercancel", release);
  const timer = setInterval(() => !document.hidden && isLive() && moments.refresh(), REFRESH_MS);

  return {
    seek,
    seekIndex,
    listChanged,
    play,
    render,
    move: (by) => seekIndex(Math.max(0, index() + by)),
    get step() {
      return shown;
    },
    get sentence() {
      return label;
    },
    setWords(nextWords, nextFormats) {
      [words, formats] = [nextWords, nextFormats];
      for (const name of ["fork_here", "now"]) write(part[name.replace("_here", "")], words[name]);
      part.now.title = words.now_help;
      part.fork.title = words.fork_help;
      part.slider.setAttribute("aria-label", words.timeline);
      bar.setAttribute("aria-label", words.timeline);
      render();
    },
    destroy() {
      playing = null;
      clearInterval(timer);
      window.removeEventListener("pointerup", release);
      window.removeEventListener("pointercancel", release);
    },
  };
}
