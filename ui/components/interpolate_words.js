// What the view says in words, and the choices beside the image.

const HOWS = ["slerp", "lerp", "both"];
const SWITCHES = { how: HOWS, weights: ["living", "averaged"] };

function showWalkWords(root, words, { usual, most }) {
  const say = (selector, text, title = "") => Object.assign(root.querySelector(selector), { textContent: text, title });
  for (const element of root.querySelectorAll("[data-word]")) element.textContent = words[element.dataset.word];
  for (const [name, values] of Object.entries(SWITCHES)) {
    for (const value of values) say(`[data-${name}=${value}]`, words[value], words[`${value}_help`]);
  }
  for (const name of ["samples", "favourites", "pasted"]) say(`[data-open=${name}]`, words[name]);
  for (const name of ["random", "shuffle", "again"]) say(`[data-do=${name}]`, words[name]);
  for (const mix of ["slerp", "lerp"]) say(`[data-mix=${mix}]`, words[`mix_${mix}`]);
  say("[data-do=copy]", words.copy_link);
  say(".gs-why", filled(words.why, { usual }));
  say(".gs-few", filled(words.few, { most }));
  const groups = { how: words.way, weights: words.weights, mix: words.mix };
  for (const [slot, text] of Object.entries(groups)) root.querySelector(`[data-slot=${slot}]`).setAttribute("aria-label", text);
  root.querySelector(".gs-cards").setAttribute("aria-label", words.keys);
}

// The way, frames, loop, ease, weights and moment of the walk; `change({name: value})` where one is chosen.
function makeChoices({ root, change }) {
  const box = root.querySelector(".gs-choices");
  const set = Object.fromEntries([...box.querySelectorAll("[data-set]")].map((element) => [element.dataset.set, element]));
  let listed = "";

  box.onclick = ({ target }) => {
    for (const name of Object.keys(SWITCHES)) if (target.dataset[name]) change({ [name]: target.dataset[name] });
  };
  set.frames.oninput = () => change({ frames: Number(set.frames.value) });
  for (const name of ["closed", "ease"]) set[name].onchange = () => change({ [name]: set[name].checked });
  set.at.onchange = () => change({ at: set.at.value === "" ? null : Number(set.at.value) });

  return {
    show(view, { limits, averages }, words, formats) {
      for (const name of Object.keys(SWITCHES)) {
        const pressed = (value) => value === view[name];
        for (const value of SWITCHES[name]) box.querySelector(`[data-${name}=${value}]`).setAttribute("aria-pressed", String(pressed(value)));
      }
      [set.frames.min, set.frames.max] = limits.frames;
      set.frames.value = view.frames;
      set.frames.nextElementSibling.textContent = formats.whole.format(view.frames);
      for (const name of ["closed", "ease"]) set[name].checked = view[name];
      const list = JSON.stringify([averages, words.at_now]);
      if (list !== listed) {
        listed = list;
        const kept = averages.map((step) => new Option(filled(words.at_step, { step: formats.whole.format(step) }), step));
        set.at.replaceChildren(new Option(words.at_now, ""), ...kept.reverse());
      }
      set.at.value = view.at ?? "";
      // A kept moment has the averaged generator alone.
      for (const value of SWITCHES.weights) box.querySelector(`[data-weights=${value}]`).disabled = view.at !== null;
    },
  };
}

// The walk as the parameters of a link, and back.
function linkTexts(view, usual) {
  const texts = { keys: view.keys.join(), how: view.how, frames: String(view.frames), closed: String(Number(view.closed)) };
  Object.assign(texts, { ease: String(Number(view.ease)), weights: view.weights }, view.at === null ? {} : { at: String(view.at) });
  return Object.fromEntries(Object.entries(texts).filter(([name, text]) => name === "keys" || text !== usual[name]));
}

function viewOfLink(link, usual) {
  const { keys, how, frames, closed, ease, weights, at } = { ...usual, ...link };
  return {
    ...{ keys: keys.split(",").filter(Boolean), how, frames: Number(frames), closed: closed === "1", ease: ease === "1", weights },
    at: at === undefined ? null : Number(at),
  };
}

function makeWalkFormats(locale) {
  return { ...makeFormats(locale), one: new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 }) };
}

// The colours of the theme the page stands in.
function dressWalk(root, palette, fresh) {
  const mode = isDark(root) ? "dark" : "light";
  if (root.dataset.mode === mode && !fresh) return;
  root.dataset.mode = mode;
  for (const [name, colour] of Object.entries(palette[mode])) root.style.setProperty(`--gs-${name}`, colour);
}
