// Of a run whose players are told the class: whose part of the sheet is whose, and a choice of one class alone.

function makeClasses({ root, ask }) {
  const select = root.querySelector("[data-class=choice]");
  const names = root.querySelector("[data-class=names]");
  let drawn = "";

  select.onchange = () => ask(Number(select.value));

  // One name where each class begins: `labels` are those of the 64 images, one after the other.
  function write(classes, labels) {
    names.replaceChildren();
    labels.forEach((label, tile) => {
      if (tile % ACROSS && labels[tile - 1] === label) return;
      const name = document.createElement("span");
      name.textContent = classes[label];
      name.style.left = `${((tile % ACROSS) / ACROSS) * 100}%`;
      name.style.top = `${(Math.floor(tile / ACROSS) / ACROSS) * 100}%`;
      names.append(name);
    });
  }

  // `chosen` is the class that all images are of now, -1 where they are of the classes that `labels` say.
  function show({ classes = [], labels = [] }, { chosen, past, mayAsk, words }) {
    select.hidden = !classes.length;
    names.hidden = !classes.length || (chosen >= 0 && !past);
    if (!classes.length) return;
    const now = JSON.stringify([classes, labels, words.all_classes]);
    if (now !== drawn) {
      drawn = now;
      select.replaceChildren(...[words.all_classes, ...classes].map((name, index) => new Option(name, index - 1)));
      select.setAttribute("aria-label", words.class_shown);
      write(classes, labels);
    }
    if (select.value !== String(chosen) && document.activeElement !== select) select.value = chosen;
    select.disabled = !mayAsk || past;
  }

  return { show };
}
