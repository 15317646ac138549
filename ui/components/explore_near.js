// The training images that lie nearest, and how near that is for an image the network was never shown.

function makeNear({ root, onBy }) {
  const panel = root.querySelector("[data-panel=near]");
  const sentence = panel.querySelector("[data-slot=near]");
  const scale = panel.querySelector(".ex-scale");
  const part = Object.fromEntries([...scale.querySelectorAll("[data-scale]")].map((element) => [element.dataset.scale, element]));
  const own = makeTiles(panel.querySelector("[data-canvas=own]"), { across: 1, gap: 0 });
  const reals = [...panel.querySelectorAll("[data-real]")].map((item) => ({
    caption: item.querySelector("figcaption"),
    tiles: makeTiles(item.querySelector("canvas"), { across: 1, gap: 0 }),
  }));
  const hint = panel.querySelector("[data-slot=near_hint]");
  let words = {};
  let formats = {};
  let by = "pixels";
  let judge = "";

  // Looking at all training images may take a while the first time: meanwhile nothing stands there that was found otherwise.
  bindSwitch(panel, "by", {
    first: by,
    onChoose(next) {
      if (by === next) return;
      [by, judge] = [next, ""];
      forget();
      showHint();
      onBy();
    },
  });

  function showHint() {
    hint.textContent = words[by === "pixels" ? "near_hint" : judge === "random CNN" ? "near_hint_random" : "near_hint_features"] ?? "";
  }

  function forget() {
    for (const { caption, tiles } of reals) {
      tiles.clear();
      caption.textContent = "";
    }
    scale.hidden = true;
    wait();
  }

  const wait = () => say(words[by === "features" ? "near_looking" : "near_reading"] ?? "", true);

  // What is found, or what is waited for: that can be read only where it takes long.
  function say(text, waits) {
    sentence.textContent = text;
    sentence.dataset.waits = waits;
  }

  // In words, by the distances at which real images lie that were held out of the training.
  const verdict = (distance, { p5, p95 }) => (distance < p5 ? words.near_copy : distance > p95 ? words.near_far : words.near_usual);

  function showScale(distance, { p5, p50, p95 }) {
    const end = 1.12 * Math.max(distance, p95);
    const share = (value) => `${(100 * value) / end}%`;
    Object.assign(part.band.style, { left: share(p5), width: share(p95 - p5) });
    part.middle.style.left = share(p50);
    part.dot.style.left = share(distance);
    scale.setAttribute("aria-label", filled(words.scale, { distance: formats.value.format(distance), low: formats.value.format(p5), high: formats.value.format(p95) }));
  }

  return {
    panel,
    showOwn: (picture) => own.paint(picture),
    get by() {
      return by;
    },
    take({ pictures, distance, yardstick, labels, judge: named }, { note }) {
      if (note !== by) return;
      judge = named;
      showHint();
      reals.forEach(({ caption, tiles }, i) => {
        if (i >= pictures.shape[0]) return;
        tiles.paint(pictureAt(pictures, i));
        const far = filled(words.distance, { value: formats.value.format(distance.values[i]) });
        caption.textContent = labels?.[i] != null ? `${labels[i]} · ${far}` : far;
      });
      scale.hidden = !yardstick;
      say(yardstick ? verdict(distance.values[0], yardstick) : "", false);
      if (yardstick) showScale(distance.values[0], yardstick);
    },
    clear() {
      own.clear();
      forget();
    },
    again() {
      own.again();
      for (const { tiles } of reals) tiles.again();
    },
    setWords(nextWords, nextFormats) {
      [words, formats] = [nextWords, nextFormats];
      showHint();
      if (sentence.dataset.waits === "true") wait();
    },
  };
}
