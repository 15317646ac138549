// The two menus that say which direction each axis of the pad is.

function makeAxisMenus({ root, onChoose, most, hasTime }) {
  const menus = ["x", "y"].map((name) => {
    const field = root.querySelector(`[data-axis=${name}]`);
    const part = Object.fromEntries([...field.querySelectorAll("[data-axis-part]")].map((element) => [element.dataset.axisPart, element]));
    for (const element of Object.values(part)) element.onchange = () => changed(name, part);
    return { name, field, ...part };
  });

  const whole = (input, least, greatest) => Math.max(least, Math.min(greatest, Math.round(Number(input.value)) || least));

  function changed(name, { kind, number, seed }) {
    const axis = { kind: kind.value, number: kind.value === TIME ? 1 : whole(number, 1, most(kind.value)), seed: whole(seed, 0, 9999) };
    onChoose(name, axis);
  }

  return {
    show(axes) {
      for (const { name, kind, number, seed } of menus) {
        const axis = axes[name];
        kind.value = axis.kind;
        number.hidden = axis.kind === TIME;
        seed.hidden = axis.kind !== "random";
        if (axis.kind !== TIME) number.max = most(axis.kind);
        number.value = axis.number;
        seed.value = axis.seed;
        const time = kind.querySelector(`option[value=${TIME}]`);
        if (time) time.disabled = !hasTime();
      }
    },
    setWords(words) {
      for (const { name, field, kind, number, seed } of menus) {
        const kinds = name === "y" ? [...AXIS_KINDS, TIME] : AXIS_KINDS;
        kind.replaceChildren(...kinds.map((value) => Object.assign(document.createElement("option"), { value, textContent: words[`kind_${value}`] })));
        field.querySelector("legend").title = words[`axis_${name}`];
        kind.setAttribute("aria-label", words[`axis_${name}`]);
        number.title = words.axis_number;
        number.setAttribute("aria-label", words.axis_number);
        seed.title = words.axis_seed;
        seed.setAttribute("aria-label", words.axis_seed);
      }
    },
  };
}
