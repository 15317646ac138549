// The GAN of two numbers: portraits in lock-step. Paths and fields are the core's; here they are only played.

const ASK_MS = 250; // keys that are held down move the start marker at once, and ask for one new path

function makeDiracView(root) {
  const find = (selector) => root.querySelector(selector);
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  const box = find(".gs-portraits");
  const seek = find("[data-do=seek]");
  let portraits = [];
  let data = null;
  let words = {};
  let formats = {};
  let tell = () => {};
  let asks = 0;
  let step = 0; // as far as it has come; its whole part is shown
  let painted = -1;
  let playing = false;
  let before = 0; // the last frame's time
  let frame = 0;
  let timer = 0;
  let start = [0, 0];
  let dirty = true;
  let wish = {};

  const last = () => data.portraits[0].radii.length - 1;

  // What is set within a moment is asked for at once.
  function ask(texts, wait = 0) {
    Object.assign(wish, texts);
    clearTimeout(timer);
    timer = setTimeout(() => {
      asks += 1;
      tell({ ...wish, n: asks });
      wish = {};
    }, wait);
  }

  function askPortraits(pairs) {
    ask({ portraits: pairs.map((pair) => pair.join("~")).join() });
  }

  const pairs = () => data.portraits.map(({ game, penalty }) => [game, penalty]);

  function setStart(place) {
    const edge = 4;
    start = place.map((value) => Math.round(100 * Math.max(-edge, Math.min(edge, value))) / 100);
    for (const portrait of portraits) portrait.moveStart(start);
    root.querySelectorAll("[data-start]").forEach((input, i) => (input.value = start[i]));
    find("[data-slot=said]").textContent = filled(words.started, { theta: start[0], psi: start[1] });
    dirty = true;
    schedule();
    ask({ start: start.join() }, ASK_MS);
  }

  function setPlaying(on) {
    playing = on;
    before = performance.now();
    root.dataset.playing = on;
    find("[data-do=play]").textContent = on ? words.pause : words.play;
    schedule();
  }

  function show(next) {
    step = Math.max(0, Math.min(last(), next));
    schedule();
  }

  function schedule() {
    frame ||= requestAnimationFrame(draw);
  }

  function draw(now) {
    frame = 0;
    if (!data) return;
    if (playing) {
      step = Math.min(last(), step + (Number(data.settings.speed) * Math.min(250, Math.max(0, now - before))) / 1000);
      before = now;
      if (step >= last()) setPlaying(false);
    }
    const whole = Math.floor(step);
    if (whole !== painted || dirty) {
      dirty = false;
      painted = whole;
      for (const portrait of portraits) portrait.paint(whole);
      seek.value = whole;
      root.dataset.step = whole;
      const text = filled(words.step_of, { step: formats.whole.format(whole), last: formats.whole.format(last()) });
      find(".gs-seek output").textContent = text;
      seek.setAttribute("aria-valuetext", text);
    }
    if (playing) schedule();
  }

  const actions = {
    play() {
      if (!playing && step >= last()) step = 0;
      setPlaying(!playing);
    },
    one() {
      setPlaying(false);
      show(Math.floor(step) + 1);
    },
    reset() {
      setPlaying(false);
      show(0);
    },
    add: () => askPortraits([...pairs(), ["relativistic", "R1"]]),
  };
  for (const [name, act] of Object.entries(actions)) find(`[data-do=${name}]`).onclick = act;
  seek.oninput = () => {
    setPlaying(false);
    show(Number(seek.value));
  };
  find("[data-set=speed]").onchange = ({ target }) => ask({ speed: target.value });
  for (const name of ["size", "gamma"]) {
    find(`[data-set=${name}]`).onchange = ({ target }) => (target.value && target.checkValidity() ? ask({ [name]: target.value }) : showSettings());
  }
  find("[data-set=updates]").onclick = ({ target }) => target.dataset.updates && ask({ updates: target.dataset.updates });
  root.querySelectorAll("[data-start]").forEach((input, i) => {
    input.onchange = () => setStart(start.map((value, j) => (i === j && input.value ? Number(input.value) : value)));
  });
  const resizer = new ResizeObserver(() => {
    dirty = true;
    schedule();
  });
  resizer.observe(box);

  function showSettings() {
    const { settings, limits } = data;
    for (const button of root.querySelectorAll("[data-updates]")) {
      button.setAttribute("aria-pressed", String(button.dataset.updates === settings.updates));
    }
    for (const name of ["size", "gamma"]) {
      const [low, high] = limits[name];
      Object.assign(find(`[data-set=${name}]`), { value: settings[name], min: low, max: high, step: "any" });
    }
    const speeds = data.speeds.map((count) => [String(count), filled(words.per_second, { count })]);
    fillChoices(find("[data-set=speed]"), speeds, settings.speed);
    root.querySelectorAll("[data-start]").forEach((input, i) => Object.assign(input, { value: start[i], min: -4, max: 4, step: "any" }));
    find("[data-do=add]").hidden = data.portraits.length > 3;
    Object.assign(seek, { max: last() });
  }

  function showWords() {
    formats = makeFormats(words.locale);
    formats.radius = (value) => {
      const [front, power] = value.toExponential(2).split("e");
      return value && value < 1e-3 ? `${front} · ${powerOfTen(Number(power))}` : formats.value.format(value);
    };
    for (const element of root.querySelectorAll("[data-word]")) element.textContent = words[element.dataset.word];
    for (const name of ["one", "reset", "add"]) find(`[data-do=${name}]`).textContent = words[name];
    for (const button of root.querySelectorAll("[data-updates]")) {
      button.textContent = words[button.dataset.updates];
      button.title = words[`${button.dataset.updates}_help`];
    }
    find("[data-set=updates]").setAttribute("aria-label", words.updates);
    seek.setAttribute("aria-label", words.position);
    root.querySelectorAll("[data-start]").forEach((input, i) => input.setAttribute("aria-label", `${words.start} ${"θψ"[i]}`));
  }

  function setPortraits(colours) {
    while (portraits.length > data.portraits.length) portraits.pop().host.remove();
    while (portraits.length < data.portraits.length) {
      const number = portraits.length;
      const portrait = makePortrait({
        number,
        onChoose: (pair) => askPortraits(pairs().map((old, i) => (i === number ? pair : old))),
        onRemove: () => askPortraits(pairs().filter((_, i) => i !== number)),
        onStart: setStart,
      });
      portraits.push(portrait);
      box.append(portrait.host);
    }
    const shared = { reach: data.reach, span: spanOf(data.portraits), start, colours, words, formats };
    const family = getComputedStyle(root).fontFamily;
    const { games, penalties } = data;
    portraits.forEach((portrait, i) => {
      portrait.set({ ...data.portraits[i], ...shared, family }, { games, penalties, alone: portraits.length === 1 });
    });
  }

  function update(next, sender) {
    const changed = (name) => JSON.stringify(data?.[name]) !== JSON.stringify(next[name]);
    const anew = changed("portraits");
    const newWords = changed("words");
    data = next;
    words = data.words;
    tell = sender;
    start = [...data.settings.start];
    if (newWords) showWords();
    const mode = isDark(root) ? "dark" : "light";
    const colours = data.palette[mode];
    for (const [name, colour] of Object.entries(colours)) root.style.setProperty(`--gs-${name}`, colour);
    setPortraits(colours);
    showSettings();
    dirty = true;
    if (anew) step = still.matches ? last() : 0;
    setPlaying(anew ? !still.matches : playing);
  }

  return {
    update,
    destroy() {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
      resizer.disconnect();
    },
  };
}

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".gs-dirac");
  root.gsView ??= makeDiracView(root);
  root.gsView.update(data, (value) => setTriggerValue("ask", value));
  return () => {
    root.gsView?.destroy();
    delete root.gsView;
  };
}
