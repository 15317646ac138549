// What the coach says of the run, in one line that keeps its room; why, on demand; and its evidence, shaded over the curve. The
// shade is HTML of our own like the marks: it moves without a redraw, and Plotly's zoom never hears of it.

const ICONS = { watching: "⋯", good: "✓", warning: "!", bad: "!" };

function makeCoach({ root, host, scaleOf, facts, send }) {
  const box = root.querySelector(".gs-coach");
  const part = Object.fromEntries([...box.querySelectorAll("[data-coach]")].map((element) => [element.dataset.coach, element]));
  const shade = host.appendChild(Object.assign(document.createElement("div"), { className: "gs-shade", hidden: true }));
  const label = shade.appendChild(document.createElement("span"));
  let said = []; // sayings, oldest first: each stands from its step until the next one's
  let shown = null;
  let open = false; // whether somebody asked why

  const write = (element, text) => element.textContent !== text && (element.textContent = text);
  const written = (value) => {
    const { formats } = facts();
    return value === null || value === undefined ? "–" : typeof value === "number" ? formats.value.format(value) : String(value);
  };

  // What was said then: the last saying up to the step; null before the first.
  function standing(step) {
    const upTo = step === null ? said : said.filter((saying) => saying.step <= step);
    return upTo[upTo.length - 1] ?? null;
  }

  // Turned where that can be and may help; else one goes back to before the trouble.
  function howToHelp({ remedy }) {
    const { data, state, step } = facts();
    return remedy.live && data.may_control && AT_WORK.includes(state) && step === null ? "turn" : "fork";
  }

  function showRemedy() {
    const { data, words } = facts();
    const remedy = shown?.remedy;
    part.remedy.style.visibility = remedy ? "" : "hidden";
    if (!remedy) return;
    const how = howToHelp(shown);
    const name = data.knobs[remedy.name] ?? remedy.name;
    write(part.remedy, filled(words[`coach_${how}`], { name, old: written(remedy.old), new: written(remedy.new) }));
    part.remedy.title = words[`coach_${how}_help`];
    part.remedy.dataset.how = how;
  }

  function showWhy(finding) {
    const { words, formats } = facts();
    part.why.setAttribute("aria-expanded", String(open));
    part.why.style.visibility = finding ? "" : "hidden";
    if (part.more.hidden === open) part.more.hidden = !open;
    if (!open || !finding) return;
    const values = Object.fromEntries(Object.entries(shown.values).map(([name, value]) => [name, written(value)]));
    write(part.reason, finding.why);
    write(part.numbers, filled(finding.numbers, values));
    const at = (step) => formats.whole.format(step);
    write(part.since, filled(words.coach_since, { since: at(shown.since), until: at(evidenceEnd()) }));
  }

  const evidenceEnd = () => Math.min(shown.until, facts().step ?? Infinity);

  // Everything that depends on the saying, the words, the moment or who may do what; unchanged text costs nothing.
  function show() {
    const { data, words, step } = facts();
    if (!words.coach) return;
    shown = standing(step);
    const finding = shown && data.findings[shown.code];
    const tone = finding?.tone ?? "watching";
    if (!finding) open = false;
    if (box.dataset.tone !== tone) box.dataset.tone = tone;
    if (box.dataset.code !== (shown?.code ?? "")) box.dataset.code = shown?.code ?? "";
    write(part.icon, ICONS[tone]);
    const live = step === null ? "polite" : "off"; // dragging through the past is not to be read out
    if (part.sentence.getAttribute("aria-live") !== live) part.sentence.setAttribute("aria-live", live);
    write(part.sentence, finding?.sentence ?? words.coach_watching);
    part.sentence.title = part.sentence.textContent;
    write(part.why, words.coach_why);
    box.setAttribute("aria-label", words.coach);
    showWhy(finding);
    showRemedy();
    place();
  }

  function place() {
    const { data } = facts();
    const finding = shown && data.findings?.[shown.code];
    const scale = scaleOf();
    const trace = finding && data.figure.data.find(({ meta }) => meta.curve === shown.curve);
    const panel = trace && data.figure.layout.meta.panels.find((other) => other.panel === trace.meta.panel);
    const at = (step) => scale.l + scale.width * Math.min(1, Math.max(0, (step - scale.left) / (scale.right - scale.left)));
    const [from, to] = scale && panel ? [at(shown.since), at(evidenceEnd())] : [0, 0];
    const hidden = to - from < 1 || (finding.tone === "good" && !open);
    if (shade.hidden !== hidden) shade.hidden = hidden;
    if (hidden) return;
    const [low, high] = panel.domain;
    const where = { left: from, width: to - from, top: scale.t + (1 - high) * scale.height, height: (high - low) * scale.height };
    for (const [name, value] of Object.entries(where)) {
      if (shade.style[name] !== `${value.toFixed(1)}px`) shade.style[name] = `${value.toFixed(1)}px`;
    }
    if (shade.dataset.tone !== finding.tone) shade.dataset.tone = finding.tone;
    write(label, finding.title);
  }

  function ask(next) {
    open = next;
    show();
  }

  part.why.onclick = () => {
    ask(!open);
    if (open) part.more.scrollIntoView({ block: "nearest" }); // on a phone it would lie below the window's edge
  };
  part.remedy.onclick = () => shown?.remedy && send({ name: "remedy", number: shown.number, how: howToHelp(shown) });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !open) return;
    event.stopPropagation();
    ask(false);
    part.why.focus();
  });

  return {
    show,
    place,
    // A saying that still stands comes again, with its number, whenever there is more to it.
    hear(news) {
      said = [...said.filter(({ number }) => number < news[0].number), ...news];
      show();
    },
    clear() {
      [said, open] = [[], false];
      show();
    },
  };
}
