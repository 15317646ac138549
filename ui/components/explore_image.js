// The large image: what the network draws at this place, with D's verdict; what is kept is this.

function makeImage({ root, verdict, near, keep }) {
  const find = (selector) => root.querySelector(selector);
  const canvas = find("[data-canvas=picture]");
  const step = find("[data-slot=step]");
  const button = find("[data-do=keep]");
  const tiles = makeTiles(canvas, { across: 1, gap: 0 });
  let words = {};
  let formats = {};
  let shown = null; // { got, asked } of the picture
  let drawn = 0;
  const calmly = makeCalm(label, 250); // for readers aloud, who do not hear sixty of them a second

  function label() {
    if (!shown || !words.at_step) return;
    const { got } = shown;
    const text = filled(words.at_step, { step: formats.whole.format(got.step) });
    write(step, text);
    canvas.setAttribute("aria-label", filled(words.image_alt, { verdict: verdict.said(got.verdict?.values[0]) }));
  }

  return {
    again: tiles.again,
    take(got, asked) {
      shown = { got, asked };
      tiles.paint(got.pictures);
      near.showOwn(got.pictures);
      drawn += 1;
      Object.assign(root.dataset, { step: got.step, pictures: drawn }); // not `drawn`: the style asks whether canvases have that
      button.disabled = false;
      calmly();
    },
    // D's verdict on this picture or, while the hand moves, on one just before it.
    judged({ verdict: found, step: at }, id) {
      if (!shown) return;
      verdict.show(found ? found.values[0] : null);
      if (id === shown.asked.id && at === shown.got.step) {
        shown.got.verdict = found;
        root.dataset.judged = drawn;
      }
      calmly();
    },
    // The question that the picture answers.
    get asked() {
      return shown?.asked;
    },
    keep() {
      if (shown) keep.keep(shown.got, { ...shown.asked.header, given: shown.asked.z });
    },
    clear() {
      shown = null;
      button.disabled = true;
      step.textContent = "";
      tiles.clear();
      verdict.clear();
    },
    setWords(nextWords, nextFormats) {
      [words, formats] = [nextWords, nextFormats];
      label();
    },
  };
}
