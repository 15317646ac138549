// Training time: which kept generators there are, the moment one looks at, and a film of the present z from the first of them to now.

const FILM = 24; // moments in the film, at most
const LIST_MS = 5000; // how often a run at work is asked which moments it keeps

// `onList` when there are other moments than before, `onMoment` when the reader has chosen one (a step; null: now).
function makeTime({ root, onList, onMoment, onExpired }) {
  const slider = root.querySelector("[data-do=moment]");
  const output = root.querySelector("[data-slot=moment]");
  const now = root.querySelector("[data-do=now]");
  const panel = root.querySelector("[data-panel=time]");
  const list = panel.querySelector(".ex-film");
  let words = {};
  let formats = {};
  let address = null;
  let steps = []; // of the kept generators
  let at = null;
  let listed = -1e9;
  let film = []; // { step, button, tiles }

  const index = () => (at === null ? steps.length : Math.max(0, steps.indexOf(at)));
  const whole = (step) => formats.whole.format(step);

  function show() {
    if (!formats.whole) return;
    slider.max = steps.length;
    slider.disabled = !steps.length;
    slider.value = index();
    slider.style.setProperty("--ex-at", steps.length ? `${(100 * index()) / steps.length}%` : "100%");
    const text = at === null ? "" : filled(words.at_step, { step: whole(at) });
    output.textContent = text;
    slider.setAttribute("aria-valuetext", text || words.now);
    now.setAttribute("aria-pressed", at === null);
    for (const { step, button } of film) button.setAttribute("aria-pressed", step === at);
  }

  function choose(next) {
    if (next === at) return;
    at = next;
    show();
    onMoment(at);
  }

  const chooseIndex = (next) => choose(next >= steps.length ? null : steps[Math.max(0, next)]);

  async function refresh() {
    if (!address || performance.now() - listed < LIST_MS) return;
    listed = performance.now();
    const asked = address;
    const target = new URL(`live/run/${encodeURIComponent(asked.run)}/moments`, new URL("/", document.baseURI));
    target.search = new URLSearchParams({ ticket: asked.token });
    try {
      const answer = await fetch(target);
      if (answer.status === 403) onExpired();
      if (!answer.ok || asked !== address) return;
      const { averages } = await answer.json();
      if (averages.join() === steps.join()) return;
      steps = averages;
      if (at !== null && !steps.includes(at)) at = nearest(at);
      show();
      onList();
    } catch {
      // The server is away: the socket says so, and the next time is soon.
    }
  }

  const nearest = (step) => steps.reduce((best, other) => (Math.abs(other - step) < Math.abs(best - step) ? other : best), steps[0] ?? null);

  function spread(count) {
    const all = [...steps];
    return all.length <= count ? all : Array.from({ length: count }, (_, i) => all[Math.round((i * (all.length - 1)) / (count - 1))]);
  }

  slider.oninput = () => chooseIndex(Number(slider.value));
  now.onclick = () => choose(null);

  function fill(shownSteps) {
    if (film.map(({ step }) => step).join() === shownSteps.join()) return;
    list.replaceChildren();
    film = shownSteps.map((step) => {
      const button = list.appendChild(document.createElement("li")).appendChild(document.createElement("button"));
      button.type = "button";
      button.innerHTML = '<canvas aria-hidden="true"></canvas><output></output>';
      const [canvas, caption] = button.children;
      caption.textContent = whole(step);
      button.setAttribute("aria-label", filled(words.go_moment, { step: whole(step) }));
      button.onclick = () => choose(step);
      return { step, button, tiles: makeTiles(canvas, { across: 1, gap: 0 }) };
    });
    show();
  }

  return {
    panel,
    refresh,
    show,
    spread,
    choose,
    get at() {
      return at;
    },
    get steps() {
      return steps;
    },
    // Where one is between the first moment (0) and now (1).
    get share() {
      return steps.length ? index() / steps.length : 1;
    },
    goShare: (share) => chooseIndex(Math.round(share * steps.length)),
    goBy: (count) => chooseIndex(index() + count),
    // The moments of seven rows of the pad, from below.
    rows: () => Array.from({ length: CELLS }, (_, cell) => steps[Math.round((cell * (steps.length - 1)) / (CELLS - 1))]),
    film: () => spread(FILM),
    take({ pictures, steps: came }) {
      fill(came);
      film.forEach(({ tiles }, i) => tiles.paint(pictureAt(pictures, i)));
    },
    again: () => film.forEach(({ tiles }) => tiles.again()),
    begin(start, next) {
      if (address?.run !== next.run) [steps, film] = [[], []];
      [at, address, listed] = [start.at, next, -1e9];
      list.replaceChildren();
      film = [];
      show();
      refresh();
    },
    aim: (next) => (address = next),
    setWords(nextWords, nextFormats) {
      [words, formats] = [nextWords, nextFormats];
      show();
    },
  };
}
