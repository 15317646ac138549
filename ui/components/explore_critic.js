// What D thinks of the image: its verdict on the game's own axis, where it wants it brighter or darker, and a few steps along that wish.

const STEPS_ALONG = 7;
const RATE = { z: 0.08, image: 0.06 }; // how far each step goes

// The verdict, in a number, in words and on a line with the value at which D cannot tell.
function makeVerdict(root) {
  const part = Object.fromEntries([...root.querySelectorAll("[data-verdict]")].map((element) => [element.dataset.verdict, element]));
  let facts = {};
  let words = {};
  let formats = {};
  let reach = 1; // of the line, where the axis has no ends
  let latest = null;

  const said = (value) => (value == null ? "–" : formats.value.format(value));

  const number = makeCalm(() => write(part.value, said(latest)), 100); // no eye reads sixty numbers a second

  function show(value) {
    latest = value;
    number();
    const balance = facts.equilibrium ?? 0;
    if (value != null) reach = Math.max(reach, 1.15 * Math.abs(value - balance));
    const [low, high] = facts.range ?? [balance - reach, balance + reach];
    const share = (number) => `${(100 * (number - low)) / (high - low)}%`;
    if (part.dot.hidden !== (value == null)) part.dot.hidden = value == null;
    if (value != null) part.dot.style.transform = `translateX(${share(Math.max(low, Math.min(high, value)))})`;
    part.tick.style.transform = `translateX(${share(balance)})`;
    write(part.words, value == null ? words.no_verdict : facts.words);
  }

  return {
    show,
    said,
    // Nothing was judged yet.
    clear() {
      [reach, latest] = [1, null];
      part.value.textContent = "–";
      part.words.textContent = "";
      part.dot.hidden = true;
    },
    setWords(nextWords, nextFormats, nextFacts) {
      [words, formats, facts] = [nextWords, nextFormats, nextFacts];
      reach = 1;
      part.balance.textContent = facts.equilibrium == null ? "" : filled(words.balance, { value: said(facts.equilibrium) });
    },
  };
}

function makeCritic({ root, place, said }) {
  const panel = root.querySelector("[data-panel=critic]");
  const picture = makeTiles(panel.querySelector("[data-canvas=judged]"), { across: 1, gap: 0 });
  const heat = panel.querySelector("[data-canvas=heat]");
  const overlay = panel.querySelector("[data-do=heat]");
  const line = panel.querySelector("[data-slot=wish]");
  const hint = panel.querySelector("[data-slot=follow]");
  const list = panel.querySelector(".ex-steps");
  const onward = panel.querySelector("[data-do=onward]");
  let words = {};
  let formats = {};
  let colours = {};
  let along = "z";
  let wish = null;
  let path = null; // z of each step, as the network was given it

  const steps = Array.from({ length: STEPS_ALONG + 1 }, (_, i) => {
    const item = list.appendChild(document.createElement("li"));
    item.innerHTML = '<button type="button" disabled><canvas aria-hidden="true"></canvas><output></output></button>';
    const [button, canvas, output] = ["button", "canvas", "output"].map((name) => item.querySelector(name));
    button.onclick = () => go(i);
    return { button, output, tiles: makeTiles(canvas, { across: 1, gap: 0 }) };
  });

  // Back from what the network was given to z: truncation stands between them.
  function go(index) {
    if (!path || place.psi <= 0) return;
    const [, dim] = path.shape;
    place.go(path.values.subarray(index * dim, (index + 1) * dim).map((value) => value / place.psi));
  }

  onward.onclick = () => go(STEPS_ALONG);
  overlay.onchange = () => (heat.hidden = !overlay.checked);

  function showSteps() {
    const can = along === "z" && path !== null && place.psi > 0;
    for (const { button } of steps) button.disabled = !can;
    onward.disabled = !can;
    hint.textContent = words[`follow_${along}`] ?? "";
  }

  function paint() {
    if (wish) paintHeat(heat, wish, colours);
  }

  return {
    panel,
    get along() {
      return along;
    },
    setAlong(next) {
      along = next;
      path = null;
      showSteps();
    },
    takeGradient({ pictures, heat: wanted, norm }) {
      wish = wanted;
      picture.paint(pictures);
      paint();
      const strength = norm?.values ? norm.values[0] : norm;
      line.textContent = strength == null ? "" : filled(words.wish_strength, { value: formats.value.format(strength) });
    },
    takeSteps({ pictures, verdict, path: walked }) {
      path = walked ?? null;
      steps.forEach(({ button, output, tiles }, i) => {
        button.hidden = i >= pictures.shape[0];
        if (button.hidden) return;
        tiles.paint(pictureAt(pictures, i));
        output.textContent = verdict ? said(verdict.values[i]) : "–";
        button.setAttribute("aria-label", filled(words.step_along, { number: formats.whole.format(i), value: output.textContent }));
      });
      showSteps();
    },
    clear() {
      [wish, path] = [null, null];
      heat.getContext("2d").clearRect(0, 0, heat.width, heat.height);
      for (const { clear } of [picture, ...steps.map(({ tiles }) => tiles)]) clear();
      for (const { output } of steps) output.textContent = "";
      showSteps();
    },
    again() {
      picture.again();
      paint();
      for (const { tiles } of steps) tiles.again();
    },
    setWords(nextWords, nextFormats, nextColours) {
      [words, formats, colours] = [nextWords, nextFormats, nextColours];
      showSteps();
      paint();
    },
  };
}
