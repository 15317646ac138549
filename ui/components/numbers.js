// The numbers above the pictures, and what is being prepared before there are any.

function makeFormats(locale) {
  const format = (options) => new Intl.NumberFormat(locale, options);
  const decimals = (count) => format({ minimumFractionDigits: count, maximumFractionDigits: count });
  return {
    whole: format({ maximumFractionDigits: 0 }),
    megabytes: decimals(1),
    two: decimals(2),
    rate: format({ maximumSignificantDigits: 3 }),
    value: format({ maximumSignificantDigits: 4 }),
    share: format({ style: "percent", minimumSignificantDigits: 2, maximumSignificantDigits: 2 }),
  };
}

const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);

function clockOf(seconds, always = true) {
  const whole = Math.floor(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, String(whole % 60).padStart(2, "0")];
  return hours || always ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

// For numbers that come with every drawing: shown four times a second, for faster ones cannot be read, and each costs a layout.
function calmly(show) {
  const [often, late] = [250, 120]; // ms; the latter beyond the former, where nothing else is drawn any more
  let shownAt = -Infinity;
  let timer = 0;
  return function look() {
    clearTimeout(timer);
    const early = shownAt + often - performance.now();
    if (early > 0) timer = setTimeout(look, early + late);
    else (shownAt = performance.now()), show();
  };
}

function makeNumbers(root) {
  const slot = Object.fromEntries([...root.querySelectorAll("[data-slot]")].map((element) => [element.dataset.slot, element]));
  const box = root.querySelector(".gs-preparing");
  const shown = {}; // slot -> text, so that an unchanged number costs no layout

  function write(name, text) {
    if (shown[name] !== text) slot[name].textContent = shown[name] = text;
  }

  function show({ place, rates }, formats) {
    if (place) {
      write("step", formats.whole.format(place.step));
      write("epoch", place.epoch === undefined ? "–" : formats.two.format(place.epoch));
      write("elapsed", place.elapsed_s === undefined ? "–" : clockOf(place.elapsed_s));
      slot.pass.style.transform = `scaleX(${((place.epoch ?? 0) % 1).toFixed(3)})`;
    }
    if (rates) {
      for (const name of ["images_per_s", "steps_per_s"]) write(name, Number.isFinite(rates[name]) ? formats.rate.format(rates[name]) : "–");
    }
  }

  function showPreparing(preparing, words, formats) {
    if (box.hidden !== !preparing) box.hidden = !preparing;
    if (!preparing) return;
    const { what, done, total, unit } = preparing;
    const amount = (count) => (unit === "bytes" ? formats.megabytes.format(count / 1e6) : formats.whole.format(count));
    const values = { what, done: amount(done), total: amount(total), unit: words[`unit_${unit}`] ?? unit };
    box.firstElementChild.textContent = filled(total ? words.prepared_of : words.prepared, values);
    if (total) box.lastElementChild.value = done / total;
    else box.lastElementChild.removeAttribute("value");
  }

  function clear() {
    for (const name of ["step", "epoch", "images_per_s", "steps_per_s", "elapsed"]) write(name, "–");
    slot.pass.style.transform = "scaleX(0)";
    if (!box.hidden) box.hidden = true;
  }

  return { write, show, showPreparing, clear };
}
