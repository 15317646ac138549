// The two menus that say which direction each axis of the pad is.

// `leads()`: whether directions can lead to a class: not where the players are told it.
function makeAxisMenus({ root, onChoose, most, classes, leads, hasTime }) {
  let words = {};
  const menus = ["x", "y"].map((name) => {
    const field = root.querySelector(`[data-axis=${name}]`);
    const part = Object.fromEntries([...field.querySelectorAll("[data-axis-part]")].map((element) => [element.dataset.axisPart, element]));
    for (const element of Object.values(part)) element.onchange = () => changed(name, part);
    return { name, field, ...part };
  });

  const whole = (input, least, greatest) => Math.max(least, Math.min(greatest, Math.round(Number(input.value)) || least));

  function changed(name, { kind, number, seed, named }) {
    if (!named.hidden && kind.value === "classes") number.value = named.value;
    const axis = { kind: kind.value, number: kind.value === TIME ? 1 : whole(number, 1, most(kind.value)), seed: whole(seed, 0, 9999) };
    onChoose(name, axis);
  }

  // Classes are chosen by name, once their names have come; one that is never drawn cannot be walked to.
  function showClasses(named, axis) {
    const there = axis.kind === "classes" ? classes() : [];
    const texts = there.map(({ name, drawn }) => (drawn ? name : filled(words.class_not_drawn, { name })));
    named.hidden = there.length === 0;
    if ([...named.options].map((option) => option.textContent).join("\n") !== texts.join("\n")) {
      named.replaceChildren(...texts.map((textContent, i) => Object.assign(document.createElement("option"), { value: i + 1, textContent, disabled: !there[i].drawn })));
    }
    named.value = axis.number;
  }

  return {
    show(axes) {
      root.querySelector("[data-slot=pad_hint]").textContent = filled(words.pad_hint, { kind: words[`about_${axes.x.kind}`] });
      root.dataset.classes = Object.values(axes).some((axis) => axis.kind === "classes");
      for (const { name, kind, number, seed, named } of menus) {
        const axis = axes[name];
        kind.value = axis.kind;
        showClasses(named, axis);
        number.hidden = axis.kind === TIME || !named.hidden;
        seed.hidden = axis.kind !== "random";
        if (axis.kind !== TIME) number.max = most(axis.kind);
        number.value = axis.number;
        seed.value = axis.seed;
        kind.querySelector("option[value=classes]").hidden = !leads();
        const time = kind.querySelector(`option[value=${TIME}]`);
        if (time) time.disabled = !hasTime();
      }
    },
    setWords(nextWords) {
      words = nextWords;
      for (const { name, field, kind, number, seed, named } of menus) {
        const kinds = name === "y" ? [...AXIS_KINDS, TIME] : AXIS_KINDS;
        kind.replaceChildren(...kinds.map((value) => Object.assign(document.createElement("option"), { value, textContent: words[`kind_${value}`] })));
        field.querySelector("legend").title = words[`axis_${name}`];
        kind.setAttribute("aria-label", words[`axis_${name}`]);
        number.title = words.axis_number;
        number.setAttribute("aria-label", words.axis_number);
        named.title = words.axis_class;
        named.setAttribute("aria-label", words.axis_class);
        seed.title = words.axis_seed;
        seed.setAttribute("aria-label", words.axis_seed);
      }
    },
  };
}
