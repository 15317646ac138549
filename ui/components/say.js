// The line under the timeline: what a step that was asked for has moved, where one looks, what could not be done, or a hint.

const NOTICE_MS = 5000;
const MOVES = ["both", "critic", "generator"]; // who played; `words` has a sentence for each

function makeSay(root) {
  const places = Object.fromEntries([...root.querySelectorAll("[data-say]")].map((element) => [element.dataset.say, element]));
  let timer = 0;

  function write(name, text) {
    if (places[name].textContent === text) return;
    places[name].textContent = text;
    places.hint.hidden = ["past", "played", "notice"].some((other) => places[other].textContent);
  }

  function notice(text) {
    clearTimeout(timer);
    write("notice", text);
    timer = setTimeout(() => write("notice", ""), NOTICE_MS);
  }

  return { write, notice, destroy: () => clearTimeout(timer) };
}

// A step that was asked for, in words; empty for none.
function playedText(played, words, formats) {
  if (!played) return "";
  const { player, step, moved, values } = played;
  const share = (name) => formats.share.format(moved[name] ?? 0);
  const facts = { step: formats.whole.format(step), critic: share("critic"), generator: share("generator") };
  const sentences = [filled(words[`played_${MOVES.includes(player) ? player : "both"}`], facts)];
  for (const name of ["critic", "generator"]) {
    const [loss, gradient] = [values[`loss/${name}`], values[`gradient/${name}`]];
    if ((player !== name && player !== "both") || loss == null) continue;
    const numbers = { loss: formats.value.format(loss), gradient: gradient == null ? "–" : formats.value.format(gradient) };
    sentences.push(filled(words[`played_values_${name}`], numbers));
  }
  return sentences.join(" ");
}
